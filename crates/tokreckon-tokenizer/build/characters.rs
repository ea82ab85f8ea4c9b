//! Which characters are one token before anything else merges: see `src/pairs.rs`.

use crate::files;

/// No token.
const NONE: u32 = u32::MAX;

/// The token of each character of two or three bytes, all ones where there is none: which block
/// describes each 64 code points, and the blocks.
pub(crate) fn tokens(tokens: &[Vec<u8>]) -> (Vec<u8>, Vec<u32>) {
    let mut table = vec![NONE; 1 << 16];
    for (id, token) in tokens.iter().enumerate() {
        let mut characters = std::str::from_utf8(token).unwrap_or_default().chars();
        if let (Some(character), None) = (characters.next(), characters.next())
            && (0x80..0x1_0000).contains(&u32::from(character))
        {
            table[character as usize] = files::word(id);
        }
    }
    let mut blocks: Vec<&[u32]> = Vec::new();
    let mut index = Vec::new();
    for block in table.chunks(64) {
        let number = blocks.iter().position(|known| *known == block).unwrap_or(blocks.len());
        if number == blocks.len() {
            blocks.push(block);
        }
        index.extend(u16::try_from(number).expect("at most 1024 blocks").to_le_bytes());
    }
    (index, blocks.concat())
}

/// For each last byte of a character (8 bits) and first byte of another one that is not ASCII (lower
/// 6 bits): a quarter of the first token's id that joins a part of one of the characters with something
/// of the other.
pub(crate) fn borders(tokens: &[Vec<u8>]) -> Vec<u8> {
    let mut table = vec![u16::MAX; 1 << 14];
    for (id, token) in tokens.iter().enumerate() {
        let inside = 1..token.len();
        let borders: Vec<usize> = inside.filter(|&at| token[at] & 0xC0 != 0x80).collect();
        let (Some(&first), Some(&last)) = (borders.first(), borders.last()) else {
            continue;
        };
        let is_part = |bytes| std::str::from_utf8(bytes).is_err();
        let mut mark = |at: usize| {
            if token[at] >= 0xC0 || token[at - 1] >= 0x80 {
                let border = usize::from(token[at - 1]) << 6 | usize::from(token[at] & 0x3F);
                let quarter = u16::try_from(id / 4).expect("ids are below 2^18");
                table[border] = table[border].min(quarter);
            }
        };
        if is_part(&token[..first]) {
            mark(first);
        }
        if is_part(&token[last..]) {
            mark(last);
        }
    }
    table.iter().flat_map(|quarter| quarter.to_le_bytes()).collect()
}
