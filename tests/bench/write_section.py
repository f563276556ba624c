"""Replaces the peers' section of the performance page. Usage: write_section.py PAGE TABLE"""

import pathlib
import sys

BEGIN = "<!-- peers: written by `just bench` with `--write`; do not edit -->"
END = "<!-- peers: end -->"

page, table = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
section = f"{BEGIN}\n\n## Peers\n\n{table.read_text(encoding='utf-8').strip()}\n\n{END}"
if BEGIN in text and END in text:
    before, rest = text.split(BEGIN, 1)
    text = before + section + rest.split(END, 1)[1]
else:
    text = f"{text.rstrip()}\n\n{section}\n"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(text, encoding="utf-8")
