"""``sg``, and ``python -m sgcli``, which does the same."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; Ctrl-C has the status 130 from the first import on."""
    try:
        from sgcli.cli.main import main as command_line
    except KeyboardInterrupt:
        print("Error: interrupted", file=sys.stderr)
        return 130
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
