"""``sg``, and ``python -m sgcli``, which does the same."""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    """Run the command line; Ctrl-C has the status 130 from the first import on."""
    interrupts: list[int] = []

    def note(number: int, frame: object) -> None:
        # Remembered, too: a module that is being imported may catch the exception.
        interrupts.append(number)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, note)
        from sgcli.cli.main import main as command_line

        if not interrupts:
            return _ended(command_line())
    except KeyboardInterrupt:
        pass
    print("Error: interrupted", file=sys.stderr)
    return 130


def _ended(status: int) -> int:
    """The exit status; the process ends here if a user's code has left a thread that would not."""
    threading = sys.modules.get("threading")
    if threading and any(
        not t.daemon and t is not threading.main_thread() for t in threading.enumerate()
    ):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
