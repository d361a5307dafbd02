# Written by `python tools/generate.py` from the definitions.
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from sgcli.definitions import Definition
from sgcli.surrogate._face import Surrogate as Surrogate
from sgcli.surrogate.base import SurrogateFunctionBase as SurrogateFunctionBase
from sgcli.surrogate.base import check_manual_grad as check_manual_grad
from sgcli.surrogate.base import heaviside as heaviside
from sgcli.surrogate.base import plot_surrogate_function as plot_surrogate_function

def of(definition: type[Definition]) -> type[Surrogate]:
    """The module class of a definition, which need not be in the catalogue."""

class PiecewiseExp(Surrogate):
    """Laplace distribution: the gradient decays exponentially on both sides of the threshold.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 2.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

class piecewise_exp(Function):
    """Laplace distribution: the gradient decays exponentially on both sides of the threshold."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

def piecewise_exp_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 2.0,
) -> tuple[Tensor | None, ...]: ...

class Sigmoid(Surrogate):
    """Logistic function of the distance to the threshold.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 4.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 4.0) -> Tensor: ...

class sigmoid(Function):
    """Logistic function of the distance to the threshold."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 4.0) -> Tensor: ...

def sigmoid_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 4.0,
) -> tuple[Tensor | None, ...]: ...

class SoftSign(Surrogate):
    """Softsign: the gradient falls with the square of the distance and is never 0.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 2.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

class soft_sign(Function):
    """Softsign: the gradient falls with the square of the distance and is never 0."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

def soft_sign_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 2.0,
) -> tuple[Tensor | None, ...]: ...

class SuperSpike(Surrogate):
    """SuperSpike with a height: alpha scales the gradient, and its width is fixed.

    alpha in (0, inf): height (not a steepness)
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

class super_spike(Function):
    """SuperSpike with a height: alpha scales the gradient, and its width is fixed."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

def super_spike_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class FastSigmoid(Surrogate):
    """Zenke and Ganguli's SuperSpike: alpha sets the steepness, and the peak is always 1.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 25.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 25.0) -> Tensor: ...

class fast_sigmoid(Function):
    """Zenke and Ganguli's SuperSpike: alpha sets the steepness, and the peak is always 1."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 25.0) -> Tensor: ...

def fast_sigmoid_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 25.0,
) -> tuple[Tensor | None, ...]: ...

class ATan(Surrogate):
    """Arctangent: the gradient is a Cauchy density, smooth at 0 and with heavy tails.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 2.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

class atan(Function):
    """Arctangent: the gradient is a Cauchy density, smooth at 0 and with heavy tails."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

def atan_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 2.0,
) -> tuple[Tensor | None, ...]: ...

class NonzeroSignLogAbs(Surrogate):
    """Signed logarithm of the distance: the gradient falls only as 1/|x|.

    alpha in (0, inf): height at the threshold
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

class nonzero_sign_log_abs(Function):
    """Signed logarithm of the distance: the gradient falls only as 1/|x|."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

def nonzero_sign_log_abs_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class Erf(Surrogate):
    """Error function: the gradient is a Gaussian.

    alpha in (0, inf): steepness; default √π
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.772453850905516,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        alpha: float | Tensor = 1.772453850905516,
    ) -> Tensor: ...

class erf(Function):
    """Error function: the gradient is a Gaussian."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.772453850905516) -> Tensor: ...

def erf_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.772453850905516,
) -> tuple[Tensor | None, ...]: ...

class QPseudoSpike(Surrogate):
    """q-PseudoSpike: the gradient falls as |x|^-alpha.

    alpha in (1, inf): exponent of the tail
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 2.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

class q_pseudo_spike(Function):
    """q-PseudoSpike: the gradient falls as |x|^-alpha."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 2.0) -> Tensor: ...

def q_pseudo_spike_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 2.0,
) -> tuple[Tensor | None, ...]: ...

class SpikeRateEscape(Surrogate):
    """Exponential escape rate mirrored at the threshold, with separate height and steepness.

    alpha in (0, inf): steepness
    height in (0, inf): height at the threshold
    """

    alpha: Any
    height: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        height: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        alpha: float | Tensor = 1.0,
        height: float | Tensor = 1.0,
    ) -> Tensor: ...

class spike_rate_escape(Function):
    """Exponential escape rate mirrored at the threshold, with separate height and steepness."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        alpha: float | Tensor = 1.0,
        height: float | Tensor = 1.0,
    ) -> Tensor: ...

def spike_rate_escape_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
    height: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class Circ(Surrogate):
    """Algebraic sigmoid: the gradient falls with the cube of the distance.

    alpha in (0, inf): width; the height is 1/(2*alpha)
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 0.5,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 0.5) -> Tensor: ...

class circ(Function):
    """Algebraic sigmoid: the gradient falls with the cube of the distance."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 0.5) -> Tensor: ...

def circ_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 0.5,
) -> tuple[Tensor | None, ...]: ...

class PiecewiseQuadratic(Surrogate):
    """Quadratic pieces: the gradient is a triangle.

    alpha in (0, inf): height, and inverse of the half width
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

class piecewise_quadratic(Function):
    """Quadratic pieces: the gradient is a triangle."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

def piecewise_quadratic_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class PiecewiseLeakyReLU(Surrogate):
    """A ramp through the threshold, continued with a small slope on both sides.

    w in (0, inf): half width of the ramp
    c in [0, inf): gradient outside the ramp
    """

    w: Any
    c: Any
    def __init__(
        self,
        w: float | Tensor = 0.5,
        c: float | Tensor = 0.01,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        w: float | Tensor = 0.5,
        c: float | Tensor = 0.01,
    ) -> Tensor: ...

class piecewise_leaky_relu(Function):
    """A ramp through the threshold, continued with a small slope on both sides."""

    @classmethod
    def apply(cls, x: Tensor, w: float | Tensor = 0.5, c: float | Tensor = 0.01) -> Tensor: ...

def piecewise_leaky_relu_backward(
    grad_output: Tensor,
    x: Tensor,
    w: float | Tensor = 0.5,
    c: float | Tensor = 0.01,
) -> tuple[Tensor | None, ...]: ...

class S2NN(Surrogate):
    """A logistic function below the threshold and a logarithm above it.

    alpha in (0, inf): steepness below the threshold
    beta in (0, inf): right-sided gradient at the threshold
    """

    alpha: Any
    beta: Any
    def __init__(
        self,
        alpha: float | Tensor = 4.0,
        beta: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        alpha: float | Tensor = 4.0,
        beta: float | Tensor = 1.0,
    ) -> Tensor: ...

class s2nn(Function):
    """A logistic function below the threshold and a logarithm above it."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        alpha: float | Tensor = 4.0,
        beta: float | Tensor = 1.0,
    ) -> Tensor: ...

def s2nn_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 4.0,
    beta: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class LeakyKReLU(Surrogate):
    """Two straight lines: the gradient is k for x >= 0 and leak for x < 0.

    leak in [0, inf): gradient for x < 0
    k in (0, inf): gradient for x >= 0
    """

    leak: Any
    k: Any
    def __init__(
        self,
        leak: float | Tensor = 0.0,
        k: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        leak: float | Tensor = 0.0,
        k: float | Tensor = 1.0,
    ) -> Tensor: ...

class leaky_k_relu(Function):
    """Two straight lines: the gradient is k for x >= 0 and leak for x < 0."""

    @classmethod
    def apply(cls, x: Tensor, leak: float | Tensor = 0.0, k: float | Tensor = 1.0) -> Tensor: ...

def leaky_k_relu_backward(
    grad_output: Tensor,
    x: Tensor,
    leak: float | Tensor = 0.0,
    k: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class FakeNumericalGradient(Surrogate):
    """Secant slope: the gradient is 1/|x|, limited to alpha.

    alpha in (0, inf): height of the plateau
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

class fake_numerical_gradient(Function):
    """Secant slope: the gradient is 1/|x|, limited to alpha."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

def fake_numerical_gradient_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class LogTailedReLU(Surrogate):
    """A line up to x = 1 and a logarithm beyond, with the slope alpha below the threshold.

    alpha in [0, inf): gradient for x <= 0
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 0.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 0.0) -> Tensor: ...

class log_tailed_relu(Function):
    """A line up to x = 1 and a logarithm beyond, with the slope alpha below the threshold."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 0.0) -> Tensor: ...

def log_tailed_relu_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 0.0,
) -> tuple[Tensor | None, ...]: ...

class Rect(Surrogate):
    """A ramp: the gradient is a rectangle of area 1.

    alpha in (0, inf): height, and inverse of the width
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

class rect(Function):
    """A ramp: the gradient is a rectangle of area 1."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 1.0) -> Tensor: ...

def rect_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class MultiLevelSpikeCount(Surrogate):
    """Several spikes per step: the rounded input, with gradient 1 in [0, max_spike_count].

    max_spike_count, an integer in [1, inf): largest number of spikes in a step
    """

    max_spike_count: int
    def __init__(
        self,
        max_spike_count: int = 4,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, max_spike_count: int = 4) -> Tensor: ...

class multi_level_spike_count(Function):
    """Several spikes per step: the rounded input, with gradient 1 in [0, max_spike_count]."""

    @classmethod
    def apply(cls, x: Tensor, max_spike_count: int = 4) -> Tensor: ...

def multi_level_spike_count_backward(
    grad_output: Tensor,
    x: Tensor,
    max_spike_count: int = 4,
) -> tuple[Tensor | None, ...]: ...

class DeterministicPass(Surrogate):
    """Straight-through estimator: the gradient is 1 everywhere."""

    def __init__(
        self,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor) -> Tensor: ...

class deterministic_pass(Function):
    """Straight-through estimator: the gradient is 1 everywhere."""

    @classmethod
    def apply(cls, x: Tensor) -> Tensor: ...

def deterministic_pass_backward(grad_output: Tensor, x: Tensor) -> tuple[Tensor | None, ...]: ...

class Dspike(Surrogate):
    """Differentiable spike: a hyperbolic tangent that rises from 0 to 1 within half a unit.

    b in (0, inf): steepness
    """

    b: Any
    def __init__(
        self,
        b: float | Tensor = 3.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, b: float | Tensor = 3.0) -> Tensor: ...

class dspike(Function):
    """Differentiable spike: a hyperbolic tangent that rises from 0 to 1 within half a unit."""

    @classmethod
    def apply(cls, x: Tensor, b: float | Tensor = 3.0) -> Tensor: ...

def dspike_backward(
    grad_output: Tensor,
    x: Tensor,
    b: float | Tensor = 3.0,
) -> tuple[Tensor | None, ...]: ...

class SparseFastSigmoid(Surrogate):
    """Sparse gradient: that of fast_sigmoid above a bound b, and 0 below it.

    alpha in (0, inf): steepness
    b in (-inf, inf): lower end of the support
    """

    alpha: Any
    b: Any
    def __init__(
        self,
        alpha: float | Tensor = 25.0,
        b: float | Tensor = -0.5,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        alpha: float | Tensor = 25.0,
        b: float | Tensor = -0.5,
    ) -> Tensor: ...

class sparse_fast_sigmoid(Function):
    """Sparse gradient: that of fast_sigmoid above a bound b, and 0 below it."""

    @classmethod
    def apply(cls, x: Tensor, alpha: float | Tensor = 25.0, b: float | Tensor = -0.5) -> Tensor: ...

def sparse_fast_sigmoid_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 25.0,
    b: float | Tensor = -0.5,
) -> tuple[Tensor | None, ...]: ...

class Window(Surrogate):
    """One-sided window: the gradient is 1 for x >= -w and has no upper end.

    w in [0, inf): width of the window below the threshold
    """

    w: Any
    def __init__(
        self,
        w: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, w: float | Tensor = 1.0) -> Tensor: ...

class window(Function):
    """One-sided window: the gradient is 1 for x >= -w and has no upper end."""

    @classmethod
    def apply(cls, x: Tensor, w: float | Tensor = 1.0) -> Tensor: ...

def window_backward(
    grad_output: Tensor,
    x: Tensor,
    w: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class SquarewaveFourierSeries(Surrogate):
    """The first terms of the Fourier series of a square wave.

    n, an integer in [1, 1000]: number of terms
    T_period in (0, inf): period of the wave
    """

    n: int
    T_period: Any
    def __init__(
        self,
        n: int = 2,
        T_period: float | Tensor = 8.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        n: int = 2,
        T_period: float | Tensor = 8.0,
    ) -> Tensor: ...

class squarewave_fourier_series(Function):
    """The first terms of the Fourier series of a square wave."""

    @classmethod
    def apply(cls, x: Tensor, n: int = 2, T_period: float | Tensor = 8.0) -> Tensor: ...

def squarewave_fourier_series_backward(
    grad_output: Tensor,
    x: Tensor,
    n: int = 2,
    T_period: float | Tensor = 8.0,
) -> tuple[Tensor | None, ...]: ...

class MultiGaussian(Surrogate):
    """A Gaussian with two wide negative lobes: far from the threshold the gradient is negative.

    sigma in (0, inf): width; the default has peak 1
    h in [0, inf): weight of the negative lobes
    s in (0, inf): width of the lobes in units of sigma
    """

    sigma: Any
    h: Any
    s: Any
    def __init__(
        self,
        sigma: float | Tensor = 0.43911163665655056,
        h: float | Tensor = 0.15,
        s: float | Tensor = 6.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        sigma: float | Tensor = 0.43911163665655056,
        h: float | Tensor = 0.15,
        s: float | Tensor = 6.0,
    ) -> Tensor: ...

class multi_gaussian(Function):
    """A Gaussian with two wide negative lobes: far from the threshold the gradient is negative."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        sigma: float | Tensor = 0.43911163665655056,
        h: float | Tensor = 0.15,
        s: float | Tensor = 6.0,
    ) -> Tensor: ...

def multi_gaussian_backward(
    grad_output: Tensor,
    x: Tensor,
    sigma: float | Tensor = 0.43911163665655056,
    h: float | Tensor = 0.15,
    s: float | Tensor = 6.0,
) -> tuple[Tensor | None, ...]: ...

class PeriodicExponential(Surrogate):
    """A peak at every multiple of the threshold, for neurons with several spikes in one step.

    w in (0, inf): decay length below the threshold
    v_threshold in (0, inf): threshold, the distance between peaks
    """

    w: Any
    v_threshold: Any
    def __init__(
        self,
        w: float | Tensor = 0.5,
        v_threshold: float | Tensor = 1.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        w: float | Tensor = 0.5,
        v_threshold: float | Tensor = 1.0,
    ) -> Tensor: ...

class periodic_exponential(Function):
    """A peak at every multiple of the threshold, for neurons with several spikes in one step."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        w: float | Tensor = 0.5,
        v_threshold: float | Tensor = 1.0,
    ) -> Tensor: ...

def periodic_exponential_backward(
    grad_output: Tensor,
    x: Tensor,
    w: float | Tensor = 0.5,
    v_threshold: float | Tensor = 1.0,
) -> tuple[Tensor | None, ...]: ...

class PoissonPass(Surrogate):
    """Bernoulli spikes with probability x; the backward pass is straight through."""

    def __init__(
        self,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
        generator: torch.Generator | None = None,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor) -> Tensor: ...

class poisson_pass(Function):
    """Bernoulli spikes with probability x; the backward pass is straight through."""

    @classmethod
    def apply(cls, x: Tensor, generator: torch.Generator | None = None) -> Tensor: ...

def poisson_pass_backward(grad_output: Tensor, x: Tensor) -> tuple[Tensor | None, ...]: ...

class Logistic(Surrogate):
    """Bernoulli spikes with logistic probability; the gradient is the slope of the probability.

    alpha in (0, inf): steepness
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 4.0,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
        generator: torch.Generator | None = None,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 4.0) -> Tensor: ...

class logistic(Function):
    """Bernoulli spikes with logistic probability; the gradient is the slope of the probability."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        alpha: float | Tensor = 4.0,
        generator: torch.Generator | None = None,
    ) -> Tensor: ...

def logistic_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 4.0,
) -> tuple[Tensor | None, ...]: ...

class CircDist(Surrogate):
    """Bernoulli spikes with the primitive of circ as probability; the gradient is its slope.

    alpha in (0, inf): width; the height is 1/(2*alpha)
    """

    alpha: Any
    def __init__(
        self,
        alpha: float | Tensor = 0.5,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
        generator: torch.Generator | None = None,
    ) -> None: ...
    @staticmethod
    def backward(grad_output: Tensor, x: Tensor, alpha: float | Tensor = 0.5) -> Tensor: ...

class circ_dist(Function):
    """Bernoulli spikes with the primitive of circ as probability; the gradient is its slope."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        alpha: float | Tensor = 0.5,
        generator: torch.Generator | None = None,
    ) -> Tensor: ...

def circ_dist_backward(
    grad_output: Tensor,
    x: Tensor,
    alpha: float | Tensor = 0.5,
) -> tuple[Tensor | None, ...]: ...

class SSO(Surrogate):
    """Stochastic spike operator: the gradient is 1 for x >= 0 and random below.

    mean in (-inf, inf): mean of the noise
    variance in [0, inf): amplitude of the noise
    """

    mean: Any
    variance: Any
    def __init__(
        self,
        mean: float | Tensor = 0.0,
        variance: float | Tensor = 0.2,
        spiking: bool = True,
        learnable: bool | str | Collection[str] = False,
        generator: torch.Generator | None = None,
    ) -> None: ...
    @staticmethod
    def backward(
        grad_output: Tensor,
        x: Tensor,
        mean: float | Tensor = 0.0,
        variance: float | Tensor = 0.2,
    ) -> Tensor: ...

class sso(Function):
    """Stochastic spike operator: the gradient is 1 for x >= 0 and random below."""

    @classmethod
    def apply(
        cls,
        x: Tensor,
        mean: float | Tensor = 0.0,
        variance: float | Tensor = 0.2,
        generator: torch.Generator | None = None,
    ) -> Tensor: ...

def sso_backward(
    grad_output: Tensor,
    x: Tensor,
    mean: float | Tensor = 0.0,
    variance: float | Tensor = 0.2,
) -> tuple[Tensor | None, ...]: ...

__all__ = [
    "S2NN",
    "SSO",
    "ATan",
    "Circ",
    "CircDist",
    "DeterministicPass",
    "Dspike",
    "Erf",
    "FakeNumericalGradient",
    "FastSigmoid",
    "LeakyKReLU",
    "LogTailedReLU",
    "Logistic",
    "MultiGaussian",
    "MultiLevelSpikeCount",
    "NonzeroSignLogAbs",
    "PeriodicExponential",
    "PiecewiseExp",
    "PiecewiseLeakyReLU",
    "PiecewiseQuadratic",
    "PoissonPass",
    "QPseudoSpike",
    "Rect",
    "Sigmoid",
    "SoftSign",
    "SparseFastSigmoid",
    "SpikeRateEscape",
    "SquarewaveFourierSeries",
    "SuperSpike",
    "Surrogate",
    "SurrogateFunctionBase",
    "Window",
    "atan",
    "atan_backward",
    "check_manual_grad",
    "circ",
    "circ_backward",
    "circ_dist",
    "circ_dist_backward",
    "deterministic_pass",
    "deterministic_pass_backward",
    "dspike",
    "dspike_backward",
    "erf",
    "erf_backward",
    "fake_numerical_gradient",
    "fake_numerical_gradient_backward",
    "fast_sigmoid",
    "fast_sigmoid_backward",
    "heaviside",
    "leaky_k_relu",
    "leaky_k_relu_backward",
    "log_tailed_relu",
    "log_tailed_relu_backward",
    "logistic",
    "logistic_backward",
    "multi_gaussian",
    "multi_gaussian_backward",
    "multi_level_spike_count",
    "multi_level_spike_count_backward",
    "nonzero_sign_log_abs",
    "nonzero_sign_log_abs_backward",
    "of",
    "periodic_exponential",
    "periodic_exponential_backward",
    "piecewise_exp",
    "piecewise_exp_backward",
    "piecewise_leaky_relu",
    "piecewise_leaky_relu_backward",
    "piecewise_quadratic",
    "piecewise_quadratic_backward",
    "plot_surrogate_function",
    "poisson_pass",
    "poisson_pass_backward",
    "q_pseudo_spike",
    "q_pseudo_spike_backward",
    "rect",
    "rect_backward",
    "s2nn",
    "s2nn_backward",
    "sigmoid",
    "sigmoid_backward",
    "soft_sign",
    "soft_sign_backward",
    "sparse_fast_sigmoid",
    "sparse_fast_sigmoid_backward",
    "spike_rate_escape",
    "spike_rate_escape_backward",
    "squarewave_fourier_series",
    "squarewave_fourier_series_backward",
    "sso",
    "sso_backward",
    "super_spike",
    "super_spike_backward",
    "window",
    "window_backward",
]
