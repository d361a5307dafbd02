"""Trainings in processes of their own, that can be killed: what the tests of faults start.

A fork server has imported torch once, so that a process costs milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import torch

from sgcli.errors import SgError
from sgcli.training.data.samples import Data
from sgcli.training.run import runs
from sgcli.training.run.folder import Folder
from sgcli.training.run.runs import run
from sgcli.training.settings import Settings

CONTEXT = multiprocessing.get_context("forkserver")
# Not this module, for the server does not know the path of the tests; optimisers import dynamo.
CONTEXT.set_forkserver_preload(["sgcli.training.run.runs", "sgcli.native.ops", "torch._dynamo"])
REFUSED, FAILED = 2, 9


def start(target: Callable[..., None], *args: Any) -> ForkServerProcess:
    process = CONTEXT.Process(target=target, args=args)
    process.start()
    return process


def ended(target: Callable[..., None], *args: Any) -> int | None:
    """The exit status of a process that is let run."""
    process = start(target, *args)
    process.join(60)
    return process.exitcode


def train(settings: Settings, data: Data, out: Path, message: Path, every: float = 0.0) -> None:
    """Go on with a run; a refusal is status 2, with its text in the file ``message``."""
    torch.set_num_threads(1)
    runs.CHECKPOINT_SECONDS = every
    try:
        run(settings, out, data=data, resume=True)
    except SgError as error:
        message.write_text(f"{error.message}\nhint: {error.hint}")
        os._exit(REFUSED)
    except OSError as error:
        message.write_text(f"{error.strerror}")
        os._exit(REFUSED)
    except BaseException as error:
        message.write_text(repr(error))
        os._exit(FAILED)


def train_with_files_of(size: int, *args: Any) -> None:
    """As if the disk had room for files of so many bytes only."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    train(*args)


def train_as_nobody(settings: Settings, data: Data, out: Path, message: Path, warm: Path) -> None:
    """Train without the rights of root, who may write everywhere.

    Nobody may not even read a clone that lies in a closed folder, so a whole training in ``warm``
    comes first: it imports what a training imports.
    """
    if os.geteuid() == 0:
        train(settings, data, warm, message)
        os.setgid(65534)
        os.setuid(65534)
    train(settings, data, out, message)


def hold(folder: Path, message: Path) -> None:
    """Stay at work in a folder until killed."""
    with Folder(folder).locked():
        message.write_text("locked")
        time.sleep(60)
