//! The fewest pieces that a marked text can be made of.

use crate::ranked::Ranked;

use super::characters::{marker, unescaped};

/// The pieces of one generation.
pub(super) struct Pieces {
    /// Edges of the tree of pieces, those of a node after one another and by their byte.
    edges: Box<[Edge]>,
    /// Where the edges of each node start, and whether a piece ends there.
    nodes: Box<[Node]>,
    /// Parts of characters that are one token, and whole characters, as bytes.
    bytes: Ranked,
}

#[derive(Clone, Copy)]
struct Edge {
    byte: u8,
    node: u32,
}

#[derive(Clone, Copy)]
struct Node {
    first_edge: u32,
    is_piece: bool,
}

impl Pieces {
    /// The tree of pieces, and what is smaller than a character.
    ///
    /// # Panics
    ///
    /// Not below 2^32 bytes of pieces.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer nodes than bytes")]
    pub(super) fn of(pieces: &Ranked, bytes: Ranked) -> Pieces {
        let mut sorted: Vec<&[u8]> = pieces.tokens().collect();
        sorted.sort_unstable();
        let (mut edges, mut nodes) = (Vec::new(), Vec::new());
        // Level by level: each node is the pieces that share its bytes.
        let mut level = vec![(0, sorted.len())];
        let mut depth = 0;
        let mut numbered = 1;
        while !level.is_empty() {
            let mut next = Vec::new();
            for (start, end) in level {
                let is_piece = start < end && sorted[start].len() == depth;
                nodes.push(Node { first_edge: edges.len() as u32, is_piece });
                let mut at = start + usize::from(is_piece);
                while at < end {
                    let byte = sorted[at][depth];
                    let same = sorted[at..end].partition_point(|piece| piece[depth] == byte);
                    edges.push(Edge { byte, node: numbered });
                    numbered += 1;
                    next.push((at, at + same));
                    at += same;
                }
            }
            (level, depth) = (next, depth + 1);
        }
        nodes.push(Node { first_edge: edges.len() as u32, is_piece: false });
        Pieces { edges: edges.into(), nodes: nodes.into(), bytes }
    }

    /// The node after this one by a byte.
    #[inline]
    fn child(&self, node: u32, byte: u8) -> Option<u32> {
        let [first, end] =
            [node, node + 1].map(|node| self.nodes[node as usize].first_edge as usize);
        let edges = &self.edges[first..end];
        let at = edges.binary_search_by_key(&byte, |edge| edge.byte).ok()?;
        Some(edges[at].node)
    }

    /// The fewest tokens of a marked text.
    pub(super) fn fewest(&self, marked: &str) -> usize {
        let text = marked.as_bytes();
        let mut best = vec![u32::MAX; text.len() + 1];
        best[0] = 0;
        for (start, character) in marked.char_indices() {
            let here = best[start];
            let single = start + character.len_utf8();
            best[single] = best[single].min(here + self.alone(character));
            let mut node = 0;
            for (at, &byte) in text[start..].iter().enumerate() {
                let Some(child) = self.child(node, byte) else {
                    break;
                };
                node = child;
                if self.nodes[node as usize].is_piece {
                    let end = start + at + 1;
                    best[end] = best[end].min(here + 1);
                }
            }
        }
        best.last().map_or(0, |&tokens| tokens as usize)
    }

    /// Tokens of a character that no piece has: a marker is one, else its bytes.
    fn alone(&self, character: char) -> u32 {
        if marker::ALL.contains(&character) {
            return 1;
        }
        let mut buffer = [0; 4];
        let bytes = unescaped(character).encode_utf8(&mut buffer).as_bytes();
        let mut best = [0, 4, 4, 4, 4];
        for end in 1..=bytes.len() {
            for start in 0..end {
                if end - start == 1 || self.bytes.rank(&bytes[start..end]).is_some() {
                    best[end] = best[end].min(best[start] + 1);
                }
            }
        }
        best[bytes.len()]
    }
}
