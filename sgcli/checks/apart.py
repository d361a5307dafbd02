"""A user's code is checked in a process of its own, whose end is noticed.

It is a fresh interpreter: a fork would take over the locks of threads that it does not have, which
hangs once torch computes. What comes from it is read from a pipe of its own, so that nothing that
the code prints passes for a result, and only results that are complete count.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sgcli.checks import wire
from sgcli.checks.session import Listener, Results, Session
from sgcli.errors import SgError

GRACE = 10.0  # for what is imported on the way, and for the child to stop the code by itself
POLL = 0.2
CODE = "import sys; sys.path[:] = {path!r}; from sgcli.checks.child import main; main()"


def run(session: Session, to: Listener) -> Results:
    """As :meth:`Session.run`; :class:`SgError` too where the process ends before its verdicts."""
    read, write = os.pipe()
    command = [sys.executable, "-c", CODE.format(path=sys.path), str(write)]
    # What the code prints goes to stderr. In a session of its own Ctrl-C is the parent's alone, and
    # what the code has started can be ended with it.
    process = subprocess.Popen(
        [*command, json.dumps(asdict(session))],
        stdin=subprocess.PIPE,
        stdout=2,
        pass_fds=[write],
        start_new_session=True,
    )
    try:
        os.close(write)
        return _Child(process, read, session.timeout, session.foreign[0]).results(to)
    finally:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(read)
        if process.stdin:
            process.stdin.close()


@dataclass
class _Child:
    """The process as its parent sees it, with what it began last."""

    process: subprocess.Popen[bytes]
    pipe: int
    timeout: float
    subject: str
    what: str = ""

    def results(self, to: Listener) -> Results:
        for line in self._lines():
            kind, content = wire.read(line)
            if kind == wire.DONE:
                return wire.read_results(content[0])
            if kind == wire.ERROR:
                message, hint, trace = content
                error = SgError(message, hint)
                error.add_note(trace)  # seen with --debug
                raise error
            if kind == wire.BEGIN:
                self.subject, self.what = content
            else:
                (to.say if kind == wire.SAY else to.step)(*content)
        raise SgError(f"{self.subject} ended the process with {self._end()} before its verdict")

    def _lines(self) -> Iterator[bytes]:
        """Each line until the process ends.

        Processes that it started may still hold the pipe open, so the end of the pipe is not waited
        for.
        """
        rest, heard = b"", time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self.pipe, selectors.EVENT_READ)
            while True:
                ended = self.process.poll() is not None
                if selector.select(0 if ended else POLL):
                    more = os.read(self.pipe, 1 << 16)
                    if not more:
                        return
                    *lines, rest = (rest + more).split(b"\n")
                    yield from lines
                    heard = time.monotonic()
                elif ended:
                    return
                elif self.what and time.monotonic() - heard > self.timeout + GRACE:
                    raise SgError(
                        f"{self.subject} did not finish {self.what} within {self.timeout:g} s",
                        "--timeout gives it longer",
                    )

    def _end(self) -> str:
        """How the process ended, whose side of the pipe is closed."""
        try:
            status = self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            return "a closed pipe"
        if status >= 0:
            return f"exit status {status}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
        return f"signal {-status}"
