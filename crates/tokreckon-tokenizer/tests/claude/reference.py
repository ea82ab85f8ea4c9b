#!/usr/bin/env python3
"""Counts texts with `ctok`: reference.py TABLE > counts.tsv

TABLE is one that `tests/open/reference.py` wrote; only its texts are read. A line is an escaped text and the
tokens it adds to a message in the generations 3, 4.7 and 4.8. Needs the package `ctok`.
"""
import re
import sys

import ctok

FRAMES = {"3.0": 7, "4.7": 11, "4.8": 6}

for line in open(sys.argv[1], encoding="utf-8", newline="\n"):
    escaped = line.split("\t")[0]
    text = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), escaped)
    print(escaped, *(ctok.token_count(text, version=v) - frame for v, frame in FRAMES.items()), sep="\t")
