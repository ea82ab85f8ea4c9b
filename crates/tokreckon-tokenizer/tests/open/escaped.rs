//! Texts of a table in one line each, as the `reference.py` files write them.

/// The text that a line stands for: `\n`, `\r`, `\t` and `\\` are characters.
pub(crate) fn unescaped(line: &str) -> String {
    let mut characters = line.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        text.push(match (character, characters.as_str().chars().next()) {
            ('\\', Some(kind)) => {
                characters.next();
                match kind {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }
            }
            _ => character,
        });
    }
    text
}
