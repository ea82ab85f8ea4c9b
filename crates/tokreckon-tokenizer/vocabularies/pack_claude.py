#!/usr/bin/env python3
"""Packs the pieces of `ctok` for `src/claude`: pack_claude.py OUT, with the packages `ctok` and `zstandard`.

For each generation a file of pieces (marked texts, markers as U+FDD0 …) and one of what is smaller than a
character or a whole one (bytes), each as `pack.py` says; their order means nothing.
"""
import json
import sys
from importlib.resources import files
from pathlib import Path

from ctok.constants import EOW_G, MARKER_GLYPHS
from ctok.notation import parse_marked
from pack import write


def main():
    out = Path(sys.argv[1])
    for source, name in (("pieces_v3.json", "claude_v3"), ("pieces_v4_7.json", "claude_v4_7")):
        groups = json.loads(files("ctok").joinpath("data", source).read_text())["tokens"]
        pieces = {parse_marked(piece) for group in groups if group != "bytes_fallback" for piece in groups[group]}
        single = {piece for piece in pieces if len(piece) == 1 and piece not in MARKER_GLYPHS}
        pieces |= {contraction + EOW_G for contraction in groups["contractions"]}
        smaller = {bytes.fromhex(prefix) for prefix in groups["bytes_fallback"]}
        write(out, name, sorted(piece.encode() for piece in pieces))
        write(out, name + "_bytes", sorted(smaller | {piece.encode() for piece in single}))


main()
