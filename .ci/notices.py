#!/usr/bin/env python3
"""Writes the licences of every crate that is linked into the program: .ci/notices.py FILE

Names, versions and texts as they lie in the crates. A crate without a text gets that of its licence's
name only; a crate without a licence is an error.
"""
import json, subprocess, sys
from pathlib import Path

OURS = "tokreckon"
TEXTS = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE")


def metadata():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def linked(data):
    """Ids of the packages the program is linked from: normal dependencies, all features and platforms."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    start = next(p["id"] for p in data["packages"] if p["name"] == "tokreckon-cli")
    todo, seen = [start], set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        for dep in nodes[at]["deps"]:
            if any(kind["kind"] is None for kind in dep["dep_kinds"]):
                todo.append(dep["pkg"])
    return seen


def main():
    data = metadata()
    ids = linked(data)
    packages = [p for p in data["packages"] if p["id"] in ids and not p["name"].startswith(OURS)]
    parts, missing = [], []
    for package in sorted(packages, key=lambda p: (p["name"], p["version"])):
        if not package["license"] and not package["license_file"]:
            missing.append(package["name"])
        folder = Path(package["manifest_path"]).parent
        texts = [p for p in sorted(folder.iterdir()) if p.is_file() and p.name.upper().startswith(TEXTS)]
        head = f"{package['name']} {package['version']}: {package['license']}"
        parts.append("\n\n".join([head] + [p.read_text(errors="replace").strip() for p in texts]))
    if missing:
        sys.exit(f"no licence: {', '.join(missing)}")
    rule = "\n\n" + "=" * 80 + "\n\n"
    head = "tokreckon contains the following crates, each under its own licence."
    Path(sys.argv[1]).write_text(rule.join([head, *parts]) + "\n")
    print(f"{len(packages)} crates")


main()
