"""Condition IV of Herranz-Celotti & Rouat, "Stabilizing Spiking Neuron Training".

arXiv:2202.00282. The variance of the gradient stays the same from a time step to the one before it,
in a recurrent layer whose membrane a spike lowers by the threshold ϑ, as their code has it:
⟨α_decay²⟩ + ((n_rec − 1)⟨W_rec²⟩ + ⟨ϑ²⟩) E[g²] + n_in⟨W_in²⟩ E[g_in²] = 1, with the gradients of
this layer and of the one below of one surrogate, and the membrane evenly distributed between its
bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sgcli.definitions.core import Shape
from sgcli.errors import SgError
from sgcli.theory.gaussian import check_bounds, uniform_moment


@dataclass(frozen=True)
class Recurrent:
    """A recurrent layer; ``bounds`` are of the membrane minus the threshold.

    ``decay`` and ``threshold`` are those of all neurons or of groups of the same size, ``rec_var``
    and ``in_var`` the variances ⟨W_rec²⟩ and ⟨W_in²⟩, the former by default 1/n_rec.
    """

    n_rec: int = 128
    decay: Sequence[float] = (0.95,)
    threshold: Sequence[float] = (1.0,)
    rec_var: float | None = None
    n_in: int = 0
    in_var: float | None = None
    bounds: tuple[float, float] = (-1.0, 1.0)

    def __post_init__(self) -> None:
        if self.n_rec < 1 or self.n_in < 0:
            raise SgError(f"no layer has {min(self.n_rec, self.n_in)} neurons", "1 or more")
        for name, values, most in (("decay", self.decay, 1.0), ("threshold", self.threshold, 1e6)):
            if not all(0 <= v <= most for v in values):
                raise SgError(f"a {name} is outside [0, {most:g}]", "one for each group of neurons")
        check_bounds(*self.bounds)

    @property
    def kept(self) -> float:
        """⟨α_decay²⟩."""
        return _mean_square(self.decay)

    @property
    def gain(self) -> float:
        """What E[g²] is multiplied by."""
        rec_var = 1 / self.n_rec if self.rec_var is None else self.rec_var
        in_var = 1 / max(self.n_in, 1) if self.in_var is None else self.in_var
        return (self.n_rec - 1) * rec_var + _mean_square(self.threshold) + self.n_in * in_var

    def __call__(self, shape: Shape) -> tuple[float, float]:
        """The terms of r², as :class:`sgcli.theory.recommend.Criterion` has them."""
        return self.kept, self.gain * uniform_moment(shape, *self.bounds)


def _mean_square(values: Sequence[float]) -> float:
    return sum(v * v for v in values) / len(values)
