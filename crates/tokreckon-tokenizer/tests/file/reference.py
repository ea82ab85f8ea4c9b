#!/usr/bin/env python3
"""Small tokenizer files and how the packages that such files are for count by them, for `tests/file`.

    reference.py make                      trains what is missing of `files/` on `../open/texts.txt`, writes `counts.tsv`
    reference.py count FILE... < texts     counts texts, one JSON string a line, by files of any size

A line of the answer is an escaped text and its counts by the files in order of their names. Needs `tokenizers`,
`sentencepiece`, `tiktoken`.
"""
import base64
import json
import os
import re
import sys
from pathlib import Path

import sentencepiece
import tiktoken
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers, Regex

HERE = Path(__file__).resolve().parent
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
LLAMA = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def texts():
    lines = (HERE / "../open/texts.txt").read_text().splitlines()
    return [re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), line) for line in lines]


def counter(path):
    if path.suffix == ".model":
        processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        return lambda text: len(processor.encode(text))
    value = json.loads(path.read_text())
    if "config" in value and "vocab" in value:
        config = value["config"]
        size = config["default_vocab_size"] - config["default_num_special_tokens"]
        ranks = {base64.b64decode(row["token_bytes"]): row["rank"] for row in value["vocab"][:size]}
        encoding = tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})
        return lambda text: len(encoding.encode_ordinary(text))
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def table(paths, texts):
    counters = [counter(path) for path in sorted(paths)]
    for text in texts:
        if "\0" not in text:
            escaped = "".join(ESCAPES.get(c, c) for c in text)
            print(escaped, *(count(text) for count in counters), sep="\t")


def train(name, tokenizer, alphabet, size=420, added=(), **more):
    if (HERE / "files" / name).exists():
        return
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False, **more)
    tokenizer.train_from_iterator(texts(), trainer)
    tokenizer.add_tokens(list(added))
    tokenizer.save(str(HERE / "files" / name), pretty=False)


def make():
    (HERE / "files").mkdir(exist_ok=True)
    bytes_ = pre_tokenizers.ByteLevel.alphabet()
    # As Llama 3 does: a pattern, then bytes; a piece that is a token is one.
    llama = Tokenizer(models.BPE(ignore_merges=True))
    llama.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    train("bytes_pattern.json", llama, bytes_, special_tokens=["<|end|>"])
    # As Qwen and Command do: composed, digits alone, GPT-2's pattern.
    digits = Tokenizer(models.BPE())
    digits.normalizer = normalizers.NFC()
    digits.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=True),
    ])
    digits.add_tokens([AddedToken("<tag>", normalized=False)])
    train("bytes_digits.json", digits, bytes_)
    # As Gemma and Llama 2 do: spaces as marks, bytes for what is not known.
    marks = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    marks.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    train("marks.json", marks, [], special_tokens=["<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)], size=600, limit_alphabet=60)
    # What is not known is one token, however long; pieces begin with a mark.
    unknown = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    unknown.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    unknown.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    train("unknown.json", unknown, [], special_tokens=["<unk>"], size=260, limit_alphabet=50)
    # As DeepSeek does: several patterns, one after the other, punctuation with what follows.
    several = Tokenizer(models.BPE())
    several.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated"),
        pre_tokenizers.Split(Regex(r"[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
        pre_tokenizers.Split(",", "merged_with_previous"),
        pre_tokenizers.Split("-", "merged_with_next"),
        pre_tokenizers.Split(Regex(r"\s+"), "removed"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    train("several.json", several, bytes_)
    # Added tokens before and after the normalizer, which changes the second kind too; special ones are text.
    added = Tokenizer(models.BPE(unk_token="<unk>"))
    added.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex(" {2,}"), " ")])
    added.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    train("added.json", added, [], special_tokens=["<unk>"], size=260, limit_alphabet=50, added=[
        AddedToken("<B>", normalized=True), AddedToken("<Tag>", normalized=False), AddedToken("x y", normalized=True),
        AddedToken("x", normalized=True), AddedToken("<|end|>", normalized=True, special=True),
        AddedToken("<|stop|>", normalized=False, special=True)])
    # A model keeps the path that it was made by: it is made where it stays.
    os.chdir(HERE / "files")
    lines = [text.replace("\n", " ") for text in texts() if text.isascii()]
    for name, more in [
        ("pieces", dict(byte_fallback=True, remove_extra_whitespaces=False, vocab_size=620)),
        ("pieces_unknown", dict(user_defined_symbols=["<b>"], add_dummy_prefix=False, vocab_size=260)),
    ]:
        if not Path(f"{name}.model").exists():
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(lines), model_prefix=name, model_type="bpe",
                normalization_rule_name="identity", minloglevel=2, **more)
            Path(f"{name}.vocab").unlink()
    value = json.loads((HERE / "files" / "bytes_pattern.json").read_text())
    back = {character: byte for byte, character in bytes_to_characters().items()}
    tokens = sorted((rank, token) for token, rank in value["model"]["vocab"].items() if not token.startswith("<|"))
    single = [bytes([byte]) for byte in range(256)]
    merged = [bytes(back[c] for c in token) for _, token in tokens if len(token) > 1]
    rows = [{"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None} for rank, token in enumerate(single + merged)]
    config = {"pattern": LLAMA, "num_vocab_tokens": len(rows), "default_vocab_size": len(rows), "default_num_special_tokens": 10, "version": "v3"}
    (HERE / "files" / "tekken.json").write_text(json.dumps({"config": config, "vocab": rows}))
    sys.stdout = open(HERE / "counts.tsv", "w")
    table((HERE / "files").iterdir(), texts() + ["a<tag>b <tag>", "<b>bold  <b>", "-a--b,-,c", "x" * 300,
        "<B>a <b> <TAG><Tag>", "X  Y x y xy<|end|>x", "<|stop|>b<B", "ΟΔΟΣ ΣΑΣ."])


def bytes_to_characters():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + at) for at, byte in enumerate(others)}


if sys.argv[1] == "make":
    make()
else:
    table([Path(name) for name in sys.argv[2:]], [json.loads(line) for line in sys.stdin])
