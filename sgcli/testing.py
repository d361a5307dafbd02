"""An assertion for the tests of other projects: one line checks a surrogate gradient.

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

    The reference is a surrogate of sgcli, ``like="sigmoid,alpha=25"``, or a ``formula`` of x and
    the ``params``. ``require`` names further capabilities, such as ``"vmap"`` or ``"half"``. Raises
    ``AssertionError`` with the worst x, the expected and the actual value of each failed check, and
    :class:`sgcli.errors.SgError` if the reference is missing or unknown.
    """
    if isinstance(dtypes, str) or isinstance(require, str):
        raise SgError("dtypes and require are lists", 'dtypes=["float32"], require=["vmap"]')
    unknown = [name for name in dtypes if name not in FORMATS]
    if unknown or not dtypes:
        raise SgError(
            f"there is no dtype {unknown[0]!r}" if unknown else "dtypes is empty",
            f"dtypes are {', '.join(FORMATS)}",
        )
    if device != "cpu":
        check_device(device)
    if (like is None) == (formula is None):
        raise SgError("exactly one of like and formula is required", 'as in like="atan,alpha=2"')
    if formula is not None:
        shape, source = from_formula(formula, params), formula
    else:
        named = load.parse(like or "")
        shape = load.expand([named], {k: [repr(v)] for k, v in params.items()})[0]
        source = shape.label
    if isinstance(surrogate, type):
        name = surrogate.__name__
        raise SgError(f"{name} is a class", f"pass {name}() or {name}.apply")
    try:
        name = getattr(surrogate, "__name__", None) or repr(surrogate)
        # Some libraries document that they fire for x > 0 only.
        shape = transformed(shape, strict=fires_above(surrogate))
        subject = Subject(name, shape, surrogate, like=source)
        report = run.check(subject, dtypes, device, require)
    except SystemExit as error:
        # It would end the test run, possibly with exit status 0.
        raise AssertionError(f"the surrogate ends the program: SystemExit: {error}") from error
    if not report.ok:
        lines = [f"{verdict.name}: {verdict.failure}" for verdict in report.failures]
        raise AssertionError("\n".join([f"{subject.name} is not {source}", *lines]))
