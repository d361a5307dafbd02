"""For the tests of other projects: one line that checks a surrogate gradient.

>>> from sgcli.testing import assert_surrogate_gradient
>>> from sgcli import surrogate
>>> assert_surrogate_gradient(surrogate.ATan(alpha=3.0), like="atan,alpha=3", dtypes=["float32"])
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sgcli.checks import run
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.on_torch.foreign import fires_above
from sgcli.checks.subject import Subject
from sgcli.definitions import load
from sgcli.definitions.formulas import from_formula
from sgcli.definitions.transform import transformed
from sgcli.devices import check_device
from sgcli.errors import SgError

DTYPES = ("float64", "float32")


def assert_surrogate_gradient(
    surrogate: Callable[[Any], Any],
    like: str | None = None,
    *,
    formula: str | None = None,
    dtypes: Sequence[str] = DTYPES,
    device: str = "cpu",
    require: Collection[str] = (),
    **params: float,
) -> None:
    """Check forward and gradient of a torch ``surrogate`` (x → spikes) as ``sg gradcheck`` does.

    The truth is a surrogate of ours, ``like="sigmoid,alpha=25"``, or a ``formula`` of x and the
    ``params``. ``require`` names capabilities that must hold too, such as ``"vmap"`` or ``"half"``.
    Raises ``AssertionError`` naming for each failed check the worst x, what was expected and what
    came; :class:`sgcli.errors.SgError` where the truth is not given or unknown.
    """
    if isinstance(dtypes, str) or isinstance(require, str):
        raise SgError("dtypes and require are lists", 'dtypes=["float32"], require=["vmap"]')
    unknown = [name for name in dtypes if name not in FORMATS]
    if unknown or not dtypes:
        raise SgError(
            f"no dtype {unknown[0]!r}" if unknown else "no dtype is given",
            f"of {', '.join(FORMATS)}",
        )
    if device != "cpu":
        check_device(device)
    if (like is None) == (formula is None):
        raise SgError("there is no reference for the gradient", 'like="atan,alpha=2" or formula=…')
    if formula is not None:
        shape, source = from_formula(formula, params), formula
    else:
        named = load.parse(like or "")
        shape = load.expand([named], {k: [repr(v)] for k, v in params.items()})[0]
        source = shape.label
    if isinstance(surrogate, type):
        name = surrogate.__name__
        raise SgError(f"{name} is a class", f"{name}() or {name}.apply is what takes x")
    try:
        name = getattr(surrogate, "__name__", None) or repr(surrogate)
        # Some libraries fire above the threshold only, which is what they say.
        shape = transformed(shape, strict=fires_above(surrogate))
        subject = Subject(name, shape, surrogate, like=source)
        report = run.check(subject, dtypes, device, require)
    except SystemExit as error:
        # It would end the tests, and with status 0 as if all had passed.
        raise AssertionError(f"the surrogate ends the program: SystemExit: {error}") from error
    if not report.ok:
        lines = [f"{verdict.name}: {verdict.failure}" for verdict in report.failures]
        raise AssertionError("\n".join([f"{subject.name} is not {source}", *lines]))
