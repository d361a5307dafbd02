"""Whether gradients are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sgcli.checks import apart
from sgcli.checks.dtypes import FORMATS
from sgcli.checks.session import Listener, Results, Session
from sgcli.checks.verdict import Report
from sgcli.definitions import guard
from sgcli.definitions.core import Shape
from sgcli.definitions.names import Name, Names, Values, texts_of


def gradcheck(
    names: Names = (),
    *,
    like: str = "",
    formula: str = "",
    call: Mapping[str, float] | None = None,
    against: str = "",
    dtypes: Sequence[str] = tuple(FORMATS),
    device: str = "cpu",
    require: Sequence[str] = (),
    require_peak: float | None = None,
    quick: bool = False,
    thorough: bool = False,
    timeout: float = guard.TIMEOUT,
    listener: Listener | None = None,
    **parameters: Values,
) -> tuple[Report, ...]:
    """Check each gradient against 50-digit arithmetic; ``report.ok`` says whether it is right.

    ``names`` are those of the command line, definitions or shapes: a bare name is checked at its
    default shape and at both ends of its typical range, with ``parameters`` at these values.
    "FILE.py", "FILE.py:NAME" or "PACKAGE.MODULE:NAME" names your own, checked in a process of its
    own: what it should be is said by ``like``, a surrogate of ours, or by ``formula``, and ``call``
    has the arguments with which a factory makes it. ``against`` names an installed library whose
    surrogates are checked.

    Torch is checked in ``dtypes``, on ``device``; ``quick`` leaves out what needs it, ``thorough``
    compiles with inductor too. ``require`` names capabilities that decide as well, such as "vmap",
    and ``require_peak`` the maximum that every gradient must have. A file, and each check of it,
    has ``timeout`` seconds. ``listener`` hears of the progress. Raises
    :class:`~sgcli.errors.SgError` for what cannot be loaded or judged.
    """
    session = Session(
        _words(names),
        like,
        formula,
        lists={key: texts_of(value) for key, value in parameters.items()},
        calls={key: str(value) for key, value in (call or {}).items()},
        timeout=timeout,
        against=against,
        dtypes=dtypes,
        device=device,
        require=require,
        require_peak=require_peak,
        quick=quick,
        thorough=thorough,
    )
    return tuple(checked(session, listener or Listener()).reports)


def checked(session: Session, listener: Listener) -> Results:
    """Run the checks; what somebody wrote may end its process, which is then not this one."""
    return apart.run(session, listener) if session.foreign else session.run(listener)


def _words(names: Names) -> list[str]:
    several = [names] if isinstance(names, (str, Shape, type)) else names
    return [_word(name) for name in several]


def _word(name: Name) -> str:
    if isinstance(name, str):
        return name
    if not isinstance(name, Shape):
        return name.reference()
    values = (f"{key}={value!r}" for key, value in name.params.items())
    return ",".join([name.definition.reference(), *values])
