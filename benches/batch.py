#!/usr/bin/env python3
"""Measures `tokreckon estimate` on a batch file of 50,000 requests beside tiktoken in Python, which only counts.

    python3 benches/batch.py            # 50,000 lines of 50 to 600 tokens
    python3 benches/batch.py --lines 5000

Needs cargo, GNU time and `pip install tiktoken` (which fetches its vocabulary when it is first used). The texts are
stretches of this project's own documentation and sources, the same ones in every run with the same files.
"""

import argparse
import json
import os
import random
import subprocess
import sys

from run import OUT, ROOT, TOKRECKON, in_turn, table

COUNT = """
import json, sys, tiktoken
encoding = tiktoken.get_encoding("o200k_base")
tokens = 0
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        for message in json.loads(line)["body"]["messages"]:
            tokens += len(encoding.encode_ordinary(message["content"]))
print(tokens)
"""


def texts():
    """Everything readable in the project's own sources and pages."""
    found = []
    for folder in ["crates", "data", "docs", "tests"]:
        for path, folders, names in os.walk(os.path.join(ROOT, folder)):
            folders.sort()
            for name in sorted(names):
                if name.endswith((".rs", ".md", ".toml")):
                    with open(os.path.join(path, name), encoding="utf-8") as file:
                        found.append(file.read())
    return "\n".join(found)


def generate(path, lines):
    source = texts()
    generator = random.Random(20261121)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(lines):
            length = generator.randint(200, 2400)
            start = generator.randrange(len(source) - length)
            message = {"role": "user", "content": source[start:start + length]}
            body = {"model": "o1-mini", "messages": [message], "max_completion_tokens": 8000}
            request = {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}
            file.write(json.dumps(request, ensure_ascii=False) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    os.makedirs(OUT, exist_ok=True)
    subprocess.run(["cargo", "build", "--quiet", "--release", "-p", "tokreckon-cli"], cwd=ROOT, check=True)
    path = os.path.join(OUT, f"batch-{arguments.lines}.jsonl")
    generate(path, arguments.lines)
    script = os.path.join(OUT, "count_tiktoken.py")
    with open(script, "w", encoding="ascii") as file:
        file.write(COUNT)
    size = os.path.getsize(path) / 1e6
    medians, outputs = in_turn({
        "tokreckon estimate": [TOKRECKON, "estimate", path, "--at", "2025-04-09", "--format", "json"],
        "tiktoken in Python, counting only": [sys.executable, script, path],
    }, arguments.runs)
    answer = json.loads(outputs["tokreckon estimate"])
    counted = answer["models"][0]["prompt"]["likely"]
    plain = int(outputs["tiktoken in Python, counting only"])
    print(f"{arguments.lines:,} requests to o1-mini, {size:.0f} MB, {plain / arguments.lines:.0f} tokens of text each.\n")
    table(medians, "s")
    framing = (counted - plain) / arguments.lines
    print(f"Tokens: {plain:,} of text by tiktoken, {counted:,} of whole requests by tokreckon: {framing:g} of framing each.")


if __name__ == "__main__":
    main()
