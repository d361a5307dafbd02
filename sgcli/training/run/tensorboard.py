"""Event files for TensorBoard, written during a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sgcli.errors import SgError
from sgcli.training.run.folder import EVENTS
from sgcli.training.run.report import ProgressReport
from sgcli.training.run.trainer import Line

SCALARS = ("loss", "accuracy", "lr", "samples_per_second")


class Events(ProgressReport):
    """Writes metrics as events and passes all calls on to another report."""

    def __init__(self, folder: Path, report: ProgressReport) -> None:
        self.make = _writer()
        self.folder = folder / EVENTS
        self.report = report
        self.writer: Any = None

    def start(self, run: str, done: int, total: int) -> None:
        # TensorBoard drops events after the checkpoint from which a training goes on.
        self.writer = self.make(str(self.folder), purge_step=done + 1 if done else None)
        self.report.start(run, done, total)

    def step(self, done: int) -> None:
        self.report.step(done)

    def line(self, line: Line) -> None:
        for name, value in scalars(line).items():
            self.writer.add_scalar(name, value, line["step"])
        # Flushed, so that a killed process has lost no event before its last checkpoint.
        self.writer.flush()
        self.report.line(line)

    def note(self, text: str) -> None:
        self.report.note(text)

    def stop(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.report.stop()


def scalars(line: Line) -> dict[str, float]:
    """The numbers of a line of metrics, with names for TensorBoard such as ``loss/train``."""
    kind = line["kind"]
    values = {f"{name}/{kind}": line[name] for name in SCALARS if name in line}
    for layer, rate in enumerate(line["firing_rate"], 1):
        values[f"firing_rate/{kind}/layer {layer}"] = rate
    for name, norm in line.get("gradient_norm", {}).items():
        values[f"gradient_norm/{name}"] = norm
    return values


def _writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise SgError(
            "--tensorboard needs the package tensorboard", "pip install 'sgcli[tensorboard]'"
        ) from error
    return SummaryWriter
