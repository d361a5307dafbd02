"""A surrogate: two functions over a maths namespace, and fields for everything else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sgcli.definitions.param import Param
from sgcli.definitions.peers import Alias, Equal, Peer
from sgcli.errors import ParameterError, SgError


def _fixed(*points: float) -> Callable[..., Iterable[Any]]:
    return staticmethod(lambda low, high, *p: points)


# Fields of earlier versions and their names today.
RENAMED = {"solve": "steepness_parameter", "breaks": "breakpoints"}

# Values of ``kinks``, ``jumps`` and ``breakpoints`` that depend on no parameter.
NOWHERE, AT_THRESHOLD = _fixed(), _fixed(0)


class Definition:
    """A surrogate as mathematics; subclass it as ``class Sigmoid(Definition, name="sigmoid")``.

    A subclass assigns a :class:`Param` for each shape parameter and defines ``primitive`` and
    ``derivative`` as static functions of a maths namespace ``m`` (see :class:`sgcli.maths.Maths`),
    the input ``x`` (membrane potential minus threshold) and the shape parameters in their order.
    They depend on nothing else and contain no Python branch on ``x`` or on a parameter. In
    ``m.where`` both branches are computed: clamp the argument of each, so that an overflow in the
    unselected one reaches no derivative.
    """

    name: ClassVar[str] = ""
    params: ClassVar[dict[str, Param]] = {}
    defaults: ClassVar[tuple[float, ...]] = ()
    sources: ClassVar[tuple[str, ...]] = ()
    peers: ClassVar[tuple[Peer, ...]] = ()
    equals: ClassVar[tuple[Equal, ...]] = ()
    aliases: ClassVar[tuple[Alias, ...]] = ()
    note: ClassVar[str] = ""
    steepness_parameter: ClassVar[str] = ""  # see :meth:`adjustable`
    origin: ClassVar[str] = ""  # its name on the command line, where that is not ``name``

    # Exceptions to a rule: the field holds the reason; if it is empty, the rule applies.
    no_primitive: ClassVar[str] = ""
    by_quadrature: ClassVar[str] = ""  # the primitive is the integral of the derivative
    peak_exempt: ClassVar[str] = ""
    signed_sum: ClassVar[str] = ""
    stochastic: ClassVar[str] = ""
    random_gradient: ClassVar[str] = ""

    def __init_subclass__(cls, name: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for old, new in RENAMED.items():
            # A shape parameter may have any name.
            if old in vars(cls) and not isinstance(vars(cls)[old], Param):
                raise SgError(f"{cls.__name__}.{old} is now called {new}", f"rename it to {new}")
        cls.origin = ""
        cls.name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        inherited = {
            k: p
            for base in reversed(cls.__mro__[1:])
            for k, p in vars(base).items()
            if isinstance(p, Param)
        }
        cls.params = inherited | {k: p for k, p in vars(cls).items() if isinstance(p, Param)}
        cls.defaults = tuple(p.check(p.default) for p in cls.params.values())

    @staticmethod
    def primitive(m: Any, x: Any, *p: Any, **k: Any) -> Any:
        """The antiderivative σ of ``derivative``, which ``spiking=False`` returns."""
        raise NotImplementedError("a definition needs a primitive, or a reason in no_primitive")

    @staticmethod
    def derivative(m: Any, x: Any, *p: Any, **k: Any) -> Any:
        """The gradient σ′ of the backward pass, in a form that is accurate in floating point."""
        raise NotImplementedError("a definition needs a derivative")

    @staticmethod
    def drawn(m: Any, x: Any, u: Any, *p: Any, **k: Any) -> Any:
        """A random gradient, for ``u`` drawn uniformly from [0, 1); its mean is ``derivative``.

        Needed if ``random_gradient`` is set.
        """
        raise NotImplementedError("a definition with random_gradient needs drawn")

    @staticmethod
    def forward(m: Any, x: Any, *p: Any, **k: Any) -> Any:
        """The forward pass; if ``stochastic`` is set, the probability of a spike."""
        return m.heaviside(x)

    @staticmethod
    def kinks(low: float, high: float, *p: Any, **k: Any) -> Iterable[Any]:
        """The points in [low, high] where the derivative is continuous but not smooth.

        For a periodic derivative the first few periods suffice.
        """
        return ()

    @staticmethod
    def jumps(low: float, high: float, *p: Any, **k: Any) -> Iterable[Any]:
        """The points in [low, high] where the derivative jumps."""
        return ()

    @staticmethod
    def breakpoints(low: float, high: float, *p: Any, **k: Any) -> Iterable[Any]:
        """The points in [low, high] where the forward pass jumps or has a kink."""
        return (0,)

    @staticmethod
    def uncertainty(x: Any) -> Any:
        """The error bound of ``derivative`` in float64; 0 for an exact formula."""
        return 0.0

    @staticmethod
    def period(*p: Any, **k: Any) -> Any:
        """The period of the derivative; None if it is not periodic."""
        return None

    @classmethod
    def is_random(cls) -> bool:
        """Whether the forward or backward pass draws random numbers and takes a generator."""
        return bool(cls.stochastic or cls.random_gradient)

    @classmethod
    def adjustable(cls) -> str:
        """``steepness_parameter``, by default the first real parameter; "" if there is none."""
        real = [key for key, p in cls.params.items() if not p.integer]
        return cls.steepness_parameter or next(iter(real), "")

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring."""
        return (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")

    @classmethod
    def family(cls) -> str:
        """The family that the entry belongs to: the name of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def every_name(cls) -> list[str]:
        """Its name and those of the literature."""
        return [cls.name, *(alias.name for alias in cls.aliases)]

    @classmethod
    def reference(cls) -> str:
        """Its name on the command line."""
        return cls.origin or cls.name

    @classmethod
    def identifier(cls) -> str:
        """The name as code and file names have it."""
        return cls.name if cls.name.isidentifier() else cls.__name__.lower()

    @classmethod
    def textbook_derivative(cls) -> Any:
        """The derivative as textbooks write it: ``textbook`` if defined, else ``derivative``."""
        return getattr(cls, "textbook", cls.derivative)

    @classmethod
    def bind(cls, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values of all parameters in order; ``values`` override the defaults.

        Raises :class:`ParameterError` for an unknown name, a value outside its domain, or a missing
        value of a parameter without a default.
        """
        for key in values:
            if key not in cls.params:
                names = ", ".join(cls.params) or "no parameters"
                raise ParameterError(
                    f"{cls.name} has no parameter '{key}'", f"{cls.name} has {names}"
                )
        for key, p in cls.params.items():
            if p.required and key not in values:
                raise ParameterError(f"{cls.name} needs a value of {key}", f"as in -p {key}=2")
        return tuple(p.check(values.get(key, p.default)) for key, p in cls.params.items())


@dataclass(frozen=True)
class Shape:
    """A definition with a value for each of its parameters: one curve.

    ``primitive``, ``derivative`` and ``forward`` evaluate it in any maths namespace.
    """

    definition: type[Definition]
    values: tuple[float, ...]

    @classmethod
    def of(cls, definition: type[Definition], **values: Any) -> Shape:
        return cls(definition, definition.bind(values))

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def params(self) -> dict[str, float]:
        return dict(zip(self.definition.params, self.values, strict=True))

    @property
    def is_default(self) -> bool:
        return self.values == self.definition.defaults

    @property
    def label(self) -> str:
        """The shape as the command line accepts it: ``sigmoid,alpha=5``."""
        return ",".join(
            [self.definition.reference(), *(f"{k}={v:g}" for k, v in self.params.items())]
        )

    def text(self, name: str = "") -> str:
        """As the label, with every digit of the parameters."""
        values = (f"{k}={v!r}" for k, v in self.params.items())
        return ",".join([name or self.definition.reference(), *values])

    def primitive(self, m: Any, x: Any) -> Any:
        if self.definition.no_primitive:
            raise ParameterError(f"{self.name} has no primitive", self.definition.no_primitive)
        return self.definition.primitive(m, x, *self.values)

    def derivative(self, m: Any, x: Any) -> Any:
        return self.definition.derivative(m, x, *self.values)

    def forward(self, m: Any, x: Any) -> Any:
        return self.definition.forward(m, x, *self.values)

    def kinks(self, low: float, high: float) -> list[float]:
        return self._within(self.definition.kinks, low, high)

    def jumps(self, low: float, high: float) -> list[float]:
        return self._within(self.definition.jumps, low, high)

    def breakpoints(self, low: float, high: float) -> list[float]:
        return self._within(self.definition.breakpoints, low, high)

    def edges(self, low: float, high: float) -> list[float]:
        """Kinks and jumps together."""
        return sorted({*self.kinks(low, high), *self.jumps(low, high)})

    def _within(self, points: Callable[..., Iterable[Any]], low: float, high: float) -> list[float]:
        return sorted(float(k) for k in points(low, high, *self.values) if low <= k <= high)

    @property
    def period(self) -> float | None:
        period: float | None = self.definition.period(*self.values)
        return period
