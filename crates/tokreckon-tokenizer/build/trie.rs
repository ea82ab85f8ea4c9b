//! A byte trie of all tokens, laid out as a double array.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::files;

/// No token ends here.
const NO_TOKEN: u32 = u32::MAX;

/// Blocks that are tried for a node with several children before a new block is begun.
const BLOCKS_TRIED: usize = 24;

/// A plain trie: what the layout is made from.
pub(crate) struct Trie {
    nodes: Vec<Node>,
}

struct Node {
    token: u32,
    /// The lowest id in the subtree: the more frequent a string, the lower the id.
    lowest: u32,
    depth: u32,
    children: Vec<(u8, usize)>,
}

impl Node {
    fn new(lowest: u32, depth: u32) -> Node {
        Node { token: NO_TOKEN, lowest, depth, children: Vec::new() }
    }
}

impl Trie {
    /// Builds the trie of all tokens.
    pub(crate) fn of(tokens: &[Vec<u8>]) -> Trie {
        let mut nodes = vec![Node::new(0, 0)];
        for (id, token) in tokens.iter().enumerate().filter(|(_, token)| !token.is_empty()) {
            let id = files::word(id);
            let mut at = 0;
            for &byte in token {
                let children = &nodes[at].children;
                let known = children.iter().find(|(label, _)| *label == byte);
                let known = known.map(|&(_, child)| child);
                at = known.unwrap_or_else(|| {
                    let child = nodes.len();
                    let depth = nodes[at].depth + 1;
                    nodes[at].children.push((byte, child));
                    nodes.push(Node::new(id, depth));
                    child
                });
            }
            nodes[at].token = id;
        }
        Trie { nodes }
    }

    /// For each token the longest token that is a proper prefix of it: its length above its id,
    /// zero when there is none.
    pub(crate) fn shorter_prefixes(&self, tokens: usize) -> Vec<u32> {
        let mut shorter = vec![0; tokens];
        let mut stack = vec![(0_usize, 0_u32)];
        while let Some((at, above)) = stack.pop() {
            let node = &self.nodes[at];
            let mut below = above;
            if node.token != NO_TOKEN {
                shorter[node.token as usize] = above;
                below = (node.depth << 24) | node.token;
            }
            stack.extend(node.children.iter().map(|&(_, child)| (child, below)));
        }
        shorter
    }

    /// The double array: the child of the node with base `b` by byte `c` is the entry `b ^ c`, if its
    /// label is `c`. An entry is, from the lowest bit: label (8), in use (1), base (23), token + 1 (32).
    /// No two nodes share a base, so the label is proof enough. Entry 0 of the result is the root.
    pub(crate) fn layout(&self) -> Vec<u64> {
        let mut array = Array::default();
        let mut queue = BinaryHeap::from([(Reverse(0), Reverse(0_usize), 0_usize)]);
        array.grow();
        array.take(0);
        let mut entries = vec![(0_usize, 0_u8, 0_usize, 0_usize)];
        while let Some((_, Reverse(node), position)) = queue.pop() {
            let labels: Vec<u8> =
                self.nodes[node].children.iter().map(|&(label, _)| label).collect();
            if labels.is_empty() {
                continue;
            }
            let base = array.place(&labels);
            entries.push((position, 0, base, usize::MAX));
            for &(label, child) in &self.nodes[node].children {
                let slot = base ^ usize::from(label);
                entries.push((slot, label, 0, child));
                queue.push((Reverse(self.nodes[child].lowest), Reverse(child), slot));
            }
        }
        let mut longs = vec![0_u64; array.free.len()];
        for (slot, label, base, node) in entries {
            if node == usize::MAX {
                longs[slot] |= u64::from(files::word(base)) << 9;
            } else {
                let token = u64::from(self.nodes[node].token.wrapping_add(1));
                longs[slot] |= u64::from(label) | 0x100 | (token << 32);
            }
        }
        longs[0] &= !0x1FF;
        longs
    }
}

/// The slots of the double array while it is filled.
#[derive(Default)]
struct Array {
    free: Vec<bool>,
    base_used: Vec<bool>,
    free_in_block: Vec<usize>,
    first_open: usize,
}

impl Array {
    fn grow(&mut self) {
        self.free.resize(self.free.len() + 256, true);
        self.base_used.resize(self.free.len(), false);
        self.free_in_block.push(256);
        // Base 0 means "no children".
        self.base_used[0] = true;
    }

    fn take(&mut self, slot: usize) {
        self.free[slot] = false;
        self.free_in_block[slot / 256] -= 1;
    }

    /// Finds a base for children with these labels and takes their slots.
    fn place(&mut self, labels: &[u8]) -> usize {
        let last = self.free_in_block.len();
        let first = match labels {
            [_] => self.first_open,
            _ => self.first_open.max(last.saturating_sub(BLOCKS_TRIED)),
        };
        let found = (first..last)
            .filter(|&block| self.free_in_block[block] >= labels.len())
            .flat_map(|block| block * 256..(block + 1) * 256)
            .find(|&base| self.fits(base, labels));
        let base = found.unwrap_or_else(|| {
            self.grow();
            last * 256 + 1
        });
        self.base_used[base] = true;
        for &label in labels {
            self.take(base ^ usize::from(label));
        }
        while self.free_in_block.get(self.first_open) == Some(&0) {
            self.first_open += 1;
        }
        base
    }

    fn fits(&self, base: usize, labels: &[u8]) -> bool {
        !self.base_used[base] && labels.iter().all(|&label| self.free[base ^ usize::from(label)])
    }
}
