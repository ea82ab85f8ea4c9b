#!/usr/bin/env python3
"""Counts texts with the makers' own tokenizers, for `tests/open`.

    reference.py SOURCES texts.txt > counts.tsv      the committed sample
    reference.py SOURCES --many    > many.tsv        5,000 texts: words of 40 languages (package wordfreq),
                                                     code and JSON of this machine, emoji, random characters

A line is an escaped text and its counts by qwen2, deepseek_v3, tekken, mistral_v1, glm4, minimax, gemma4. Needs
`tokenizers`, `tiktoken`, `sentencepiece`; SOURCES as for `vocabularies/pack.py`, with the `tokenizer.json` files
as qwen3.json, deepseek.json, gemma3.json.
"""
import base64
import glob
import json
import random
import re
import sys
from pathlib import Path

import sentencepiece
import tiktoken
from tokenizers import Tokenizer

GLM = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
])
PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTES = {chr(byte): byte for byte in PRINTABLE}
BYTES |= {chr(256 + at): byte for at, byte in enumerate(b for b in range(256) if b not in PRINTABLE)}
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def counters(sources):
    def plain(name):
        tokenizer = Tokenizer.from_file(str(sources / name))
        return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)

    def ranked(name, tokens, pattern):
        ranks = {token: rank for rank, token in enumerate(tokens)}
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        return lambda text: len(encoding.encode_ordinary(text))

    tekken = json.loads((sources / "tekken_240911.json").read_text())
    ordinary = tekken["config"]["default_vocab_size"] - tekken["config"]["default_num_special_tokens"]
    tekken_tokens = [base64.b64decode(row["token_bytes"]) for row in tekken["vocab"][:ordinary]]
    glm = [base64.b64decode(line.split()[0]) for line in (sources / "glm4.tiktoken").read_bytes().splitlines()]
    merges = (sources / "merges.txt").read_text().splitlines()[1:]
    made = ["".join(line.split(" ")) for line in merges if line]
    minimax = [bytes([byte]) for byte in range(256)] + [bytes(BYTES[c] for c in token) for token in made]
    minimax = list(dict.fromkeys(minimax))
    v1 = sentencepiece.SentencePieceProcessor(model_file=str(sources / "tokenizer.model.v1"))
    return [
        plain("qwen3.json"),
        plain("deepseek.json"),
        ranked("tekken", tekken_tokens, tekken["config"]["pattern"]),
        lambda text: len(v1.encode(text)),
        ranked("glm4", glm, GLM),
        ranked("minimax", minimax, O200K),
        plain("gemma3.json"),
    ]


def many():
    import wordfreq

    rng = random.Random(20)
    languages = sorted(wordfreq.available_languages("best"))
    texts = []
    for language in languages:
        words = wordfreq.top_n_list(language, 5000)
        for _ in range(3200 // len(languages)):
            chosen = [words[int(len(words) * rng.random() ** 2)] for _ in range(rng.randint(3, 60))]
            chosen = [word.capitalize() if rng.random() < 0.15 else word for word in chosen]
            texts.append(rng.choice([" ", " ", ", ", ". ", "\n"]).join(chosen) + rng.choice(["", ".", "!", "\n"]))
    code = [p for p in glob.glob(sys.prefix + "/lib/python3*/**/*.py", recursive=True)]
    code += glob.glob(str(Path.home() / ".cargo/registry/src/*/*/src/**/*.rs"), recursive=True)
    for path in rng.sample(sorted(code), 700):
        text = Path(path).read_text(errors="replace")
        start = rng.randrange(max(1, len(text) - 400))
        texts.append(text[start : start + rng.randint(50, 800)])
    for _ in range(400):
        value = {rng.choice(["id", "name", "créé", "数"]) + str(i): rng.choice([1.5, None, True, "x y", [1, 2, 3], {"a": -7}]) for i in range(8)}
        texts.append(json.dumps(value, indent=rng.choice([None, 2, 4]), ensure_ascii=rng.random() < 0.5))
    emoji = [chr(c) for c in [*range(0x1F300, 0x1F650), *range(0x2600, 0x27C0), 0x1F1E9, 0x1F1EA, 0x200D, 0xFE0F]]
    for _ in range(300):
        texts.append("".join(rng.choice(emoji) + rng.choice(["", " ", "ok ", "\ufe0f"]) for _ in range(rng.randint(1, 20))))
    for _ in range(350):
        pool = rng.choice([(32, 127), (128, 0x250), (0x250, 0x2000), (0x2000, 0x3100), (0x3000, 0xD7FF), (0x10000, 0x1FFFF)])
        texts.append("".join(chr(rng.randrange(*pool)) for _ in range(rng.randint(1, 60))))
    for _ in range(150):
        texts.append("".join(rng.choice([" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "a", "1", "'s", "don't", "..."]) for _ in range(rng.randint(1, 40))))
    return [text for text in texts if not re.search(r"<\|?[a-z_/]+\|?>|\[/?[A-Z_]+\]", text)]


def main():
    counts = counters(Path(sys.argv[1]))
    if sys.argv[2] == "--many":
        texts = many()
    else:
        lines = Path(sys.argv[2]).read_text().splitlines()
        texts = [re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), line) for line in lines]
    for text in texts:
        if "\0" in text:
            continue
        escaped = "".join(ESCAPES.get(c, c) for c in text)
        print(escaped, *(count(text) for count in counts), sep="\t")


main()
