"""The process in which a user's code is checked; :mod:`sgcli.checks.apart` starts and hears it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from dataclasses import dataclass
from threading import Thread
from typing import Any, NoReturn

from sgcli.checks import wire
from sgcli.checks.session import Listener, Session
from sgcli.checks.verdict import words
from sgcli.definitions.guard import watch_calls
from sgcli.errors import SgError


@dataclass
class Channel:
    """The way to the parent; ``subject`` is what was last begun."""

    number: int
    subject: str = ""

    def send(self, kind: str, *content: Any) -> None:
        rest = wire.line(kind, *content)
        while rest:
            rest = rest[os.write(self.number, rest) :]

    def say(self, text: str) -> None:
        self.send(wire.SAY, text)

    def step(self, text: str) -> None:
        self.send(wire.STEP, text)

    def begin(self, subject: str, what: str) -> None:
        self.subject = subject
        self.send(wire.BEGIN, subject, what)


def main() -> NoReturn:
    """Run the session in the arguments and send what comes of it.

    It ends without waiting for threads that a user's code may have left.
    """
    number, given = sys.argv[1:]
    channel = Channel(int(number))
    # Processes of the user's code have no part in this.
    os.set_inheritable(channel.number, False)
    _end_with_parent()
    watch_calls(False)  # the parent watches all of this process
    try:
        with contextlib.redirect_stdout(sys.stderr):
            results = Session(**json.loads(given)).run(
                Listener(channel.say, channel.step, channel.begin)
            )
        last: tuple[Any, ...] = wire.DONE, wire.write_results(results)
    except BaseException as error:
        last = wire.ERROR, *_told(error, channel.subject), traceback.format_exc()
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    channel.send(*last)
    os._exit(0)


def _told(error: BaseException, subject: str) -> tuple[str, str]:
    """A message and a hint."""
    if isinstance(error, SgError):
        return error.message, error.hint
    return f"{subject}: {words(error)}", "--debug shows where it comes from"


def _end_with_parent() -> None:
    """Let this process and those it starts end when the other side of stdin is gone."""
    parent = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def wait() -> None:
        os.read(parent, 1)
        os.killpg(0, signal.SIGKILL)

    Thread(target=wait, daemon=True).start()
