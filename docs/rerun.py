"""Run the commands that a page shows, and put what they print into the page.

``python docs/rerun.py docs/choosing.md`` runs the ``sg`` commands of its ``sh`` blocks in the
root of the repository. What a block prints replaces what stands between the marks below it. Blocks
marked ``sh slow`` run only with ``--slow``. With ``--check`` nothing is written: the status is 1 if
something printed differs from the page.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"(?P<head>```sh(?P<slow> slow)?\n(?P<commands>.*?)```\n)"
    r"(?P<output>\n<!-- output -->\n.*?<!-- end -->\n)?",
    re.DOTALL,
)


def commands(block: str) -> list[list[str]]:
    """The words of each command of a block; a line that ends in a backslash goes on."""
    lines = block.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def printed(words: list[str]) -> str:
    """What a command prints; an error ends everything, but not a check or a bar that is missed."""
    assert words[0] == "sg", f"only sg is run, not {words[0]}"
    print("$", shlex.join(words), file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "sgcli", *words[1:]],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        sys.exit(f"exit status {done.returncode}")
    return done.stdout.strip("\n")


def rerun(text: str, slow: bool) -> str:
    """The page with what its commands print today."""

    def again(block: re.Match[str]) -> str:
        if block["slow"] and not slow:
            return block[0]
        found = "\n\n".join(filter(None, map(printed, commands(block["commands"]))))
        if block["output"] is None:
            return block[0]
        return f"{block['head']}\n<!-- output -->\n{found}\n<!-- end -->\n"

    return BLOCK.sub(again, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--slow", action="store_true", help="the blocks marked slow too")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    given = parser.parse_args()
    stale = []
    for page in given.pages:
        before = page.read_text(encoding="utf-8")
        after = rerun(before, given.slow)
        if after != before:
            stale.append(str(page))
            if not given.check:
                page.write_text(after, encoding="utf-8")
    if given.check and stale:
        print("not what the commands print:", *stale, file=sys.stderr)
    return int(given.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
