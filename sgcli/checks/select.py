"""From the words on the command line to the subjects of the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sgcli.checks import crossing
from sgcli.checks.run import shapes_of
from sgcli.checks.subject import Subject, of_shape
from sgcli.definitions import formulas, guard, load, user
from sgcli.definitions.core import Definition, Shape
from sgcli.definitions.load import Named
from sgcli.errors import SgError


@dataclass(frozen=True)
class Reference:
    """What a foreign object is compared with: a surrogate of ours, a formula, or its own primitive.

    With ``like`` every value in ``lists`` belongs to it, otherwise to the surrogates themselves.
    """

    like: str = ""
    formula: str = ""
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timeout: float = guard.TIMEOUT

    def shape(self) -> Shape | None:
        """The one shape that is meant; None where the object must know itself."""
        if not self.like and not self.formula:
            return None
        if self.like and self.formula:
            raise SgError("--like and --formula exclude one another", "leave one of them out")
        text = self.like or formulas.PREFIX + self.formula
        shapes = load.expand([load.parse(text, self.timeout)], self.lists)
        if len(shapes) != 1:
            raise SgError(
                "the reference has several values", "one value each with --like and --formula"
            )
        return shapes[0]


def subjects(
    words: Sequence[str], truth: Reference, calls: Mapping[str, str], timeout: float = guard.TIMEOUT
) -> list[Subject]:
    """All that is named: surrogates of ours and definitions at several shapes, and foreign objects.

    Without a word the formula itself is the surrogate. Raises :class:`SgError` for what cannot be
    loaded or has no truth.
    """
    if not words:
        if not truth.formula:
            raise SgError("no surrogate is named", "a surrogate, a file.py:NAME, or --formula")
        words = [formulas.PREFIX + truth.formula]
        truth = Reference(lists=truth.lists)
    result: list[Subject] = []
    for word in words:
        named = _definitions(word, truth, timeout)
        if named is None:
            if truth.lists and truth.shape() is None:
                raise SgError(
                    f"{word} is not a definition, so its parameters cannot be set",
                    f"--call {next(iter(truth.lists))}=… calls it with one",
                )
            result.append(crossing.subject_of(word, calls, truth.shape(), timeout))
        elif calls:
            raise SgError(f"--call is for a factory, which {word} is not", "NAME,PARAM=VALUE")
        elif (meant := truth.shape()) is not None:
            result += [_held_against(of_shape(entry.shape), meant) for entry in named]
        else:
            result += [of_shape(shape) for shape in shapes_of(named, truth.lists)]
    return result


def _held_against(subject: Subject, meant: Shape) -> Subject:
    """A surrogate of ours, or a user's definition, judged by another."""
    return replace(subject, shape=meant, primitive=None, ours=False, like=meant.label, others=())


def _definitions(word: str, truth: Reference, timeout: float) -> list[Named] | None:
    """What ``word`` stands for among definitions; None if it names an object of another kind."""
    reference, *_ = word.split(",")
    if word.startswith(formulas.PREFIX) or not user.is_reference(reference):
        return load.choose(word, timeout)
    if reference.endswith(".py"):
        return load.choose(word, timeout)
    result = user.resolve(reference, timeout)
    if isinstance(result, type) and issubclass(result, Definition):
        return load.choose(word, timeout)
    return None
