#!/usr/bin/env python3
"""Packs the vocabularies of other makers for `src/packed.rs`.

    pack.py SOURCES OUT

SOURCES holds the files named in README.md, by the names below; needs the packages `sentencepiece` and
`zstandard`. A packed file is one zstd frame: the number of tokens (32 bits, little-endian), the length
of each token in bytes (one byte; 255 and 16 bits for a long one), the bytes of all tokens. Tokens stand in the order in which they
merge, so that a token's place is its rank.
"""
import base64
import hashlib
import json
import re
import struct
import sys
from pathlib import Path

import zstandard

# The byte that each character of a byte-level `tokenizer.json` stands for.
PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTES = {chr(byte): byte for byte in PRINTABLE}
BYTES |= {chr(256 + at): byte for at, byte in enumerate(b for b in range(256) if b not in PRINTABLE)}


def write(out, name, tokens):
    seen = set()
    tokens = [token for token in tokens if not (token in seen or seen.add(token))]
    assert all(0 < len(token) < 1 << 16 for token in tokens)
    lengths = b"".join(bytes([min(len(t), 255)]) + (struct.pack("<H", len(t)) if len(t) > 254 else b"") for t in tokens)
    plain = struct.pack("<I", len(tokens)) + lengths + b"".join(tokens)
    packed = zstandard.ZstdCompressor(level=22).compress(plain)
    Path(out, f"{name}.zst").write_bytes(packed)
    print(f"{name}: {len(tokens)} tokens, {len(packed)} bytes")


def read(path):
    data = Path(path).read_bytes()
    print(f"  {hashlib.sha256(data).hexdigest()}  {path.name}")
    return data


def tiktoken(path):
    """`base64 rank`, a token a line."""
    ranked = (line.split() for line in read(path).splitlines() if line.strip())
    return [base64.b64decode(token) for token, _ in sorted(ranked, key=lambda row: int(row[1]))]


def byte_level(merges):
    """The 256 bytes and what each merge makes."""
    made = ["".join(pair) if isinstance(pair, list) else pair.replace(" ", "", 1) for pair in merges]
    return [bytes([byte]) for byte in range(256)] + [bytes(BYTES[c] for c in token) for token in made]


def sentencepiece_model(path):
    """Normal and user-defined pieces, those of one character first, then by score."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_proto=read(path))
    pieces = [
        (model.id_to_piece(at), model.get_score(at))
        for at in range(model.get_piece_size())
        if not (model.is_byte(at) or model.is_control(at) or model.is_unknown(at) or model.is_unused(at))
    ]
    pieces.sort(key=lambda piece: (len(piece[0]) > 1, -piece[1]))
    return [piece.encode() for piece, _ in pieces]


def gemma(path):
    """Pieces of one character that merge or stand alone, then what the merges make, in their order."""
    lines = read(path).decode().split("\n")
    vocab, merges = (int(line.split()[1]) for line in lines[1:3])
    unescaped = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    pieces = [re.sub(r"\\(.)", lambda m: unescaped[m[1]], line) for line in lines[4 : 4 + vocab]]
    made = [pieces[int(line.split()[0])] for line in lines[4 + vocab : 4 + vocab + merges]]
    return [piece.encode() for piece in [*(p for p in pieces if len(p) == 1), *made]]


def extension(path):
    """The tokens that GLM-5 has besides those of GLM-4.5 (`TKV1`: lengths, then bytes by length)."""
    plain = zstandard.ZstdDecompressor().decompress(read(path), max_output_size=1 << 24)
    number = struct.unpack_from("<I", plain, 4)[0]
    lengths = plain[12 : 12 + number]
    assert max(lengths) < 128
    places, at = {}, 12 + number
    for length in sorted(set(lengths)):
        places[length] = at
        at += length * lengths.count(length)
    tokens = []
    for length in lengths:
        tokens.append(plain[places[length] : places[length] + length])
        places[length] += length
    assert at == len(plain)
    return tokens


def main():
    sources, out = Path(sys.argv[1]), Path(sys.argv[2])
    write(out, "qwen2", tiktoken(sources / "qwen3.tiktoken"))
    glm = tiktoken(sources / "glm4.tiktoken")
    write(out, "glm4", glm)
    write(out, "glm5", extension(sources / "glm5.tkv.zst"))
    deepseek = json.loads(read(sources / "deepseek.json"))
    write(out, "deepseek_v3", byte_level(deepseek["model"]["merges"]))
    tekken = json.loads(read(sources / "tekken_240911.json"))
    ordinary = tekken["config"]["default_vocab_size"] - tekken["config"]["default_num_special_tokens"]
    write(out, "tekken", [base64.b64decode(row["token_bytes"]) for row in tekken["vocab"][:ordinary]])
    write(out, "mistral_v1", sentencepiece_model(sources / "tokenizer.model.v1"))
    write(out, "gemma4", gemma(sources / "gemma4.mbpe"))
    minimax = read(sources / "merges.txt").decode().splitlines()
    write(out, "minimax", byte_level([line for line in minimax if line and not line.startswith("#version")]))


if __name__ == "__main__":
    main()
