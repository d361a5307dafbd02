"""SpikingJelly's base class of surrogates, and its two helpers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def heaviside(x: Tensor) -> Tensor:
    """1 where ``x >= 0`` and 0 elsewhere (NaN included), in the dtype of ``x``."""
    return (x >= 0).to(x)


class SurrogateFunctionBase(nn.Module):
    """A surrogate as a module; subclasses define ``spiking_function`` and ``primitive_function``.

    ``spiking=False`` returns the primitive instead of spikes. Shape parameters are passed as
    keywords and become attributes, which every forward reads.
    """

    def __init__(self, spiking: bool = True, **params: Any) -> None:
        super().__init__()
        self.spiking = spiking
        self._sg_param_names = tuple(params)
        for name, value in params.items():
            setattr(self, name, value)

    @property
    def _sg_params(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._sg_param_names}

    def set_spiking_mode(self, spiking: bool) -> None:
        """Return spikes (True) or the differentiable primitive (False)."""
        self.spiking = spiking

    @staticmethod
    def spiking_function(x: Tensor, *p: Any, **params: Any) -> Tensor:
        """Spikes with the surrogate gradient."""
        raise NotImplementedError("a subclass must define spiking_function")

    @staticmethod
    def primitive_function(x: Tensor, *p: Any, **params: Any) -> Tensor:
        """The primitive, differentiable by autograd."""
        raise NotImplementedError("a subclass must define primitive_function")

    def forward(self, x: Tensor) -> Tensor:
        function = self.spiking_function if self.spiking else self.primitive_function
        return function(x, **self._sg_params)

    def extra_repr(self) -> str:
        shown = {name: plain(value) for name, value in self._sg_params.items()}
        return ", ".join([*(f"{k}={v}" for k, v in shown.items()), f"spiking={self.spiking}"])


def plain(value: Any) -> Any:
    """A parameter as Python numbers."""
    return value.tolist() if isinstance(value, Tensor) else value


def check_manual_grad(
    primitive_function: Callable[..., Tensor],
    spiking_function: Callable[..., Tensor],
    *args: Any,
    **kwargs: Any,
) -> float:
    """Print both gradients at 16 points in [-1, 1] and return their largest difference.

    ``sg gradcheck`` checks the whole range of every dtype.
    """
    x = torch.linspace(-1.0, 1.0, 16)

    def gradient(function: Callable[..., Tensor]) -> Tensor:
        leaf = x.clone().requires_grad_()
        return torch.autograd.grad(function(leaf, *args, **kwargs).sum(), leaf)[0]

    of_primitive, of_spikes = gradient(primitive_function), gradient(spiking_function)
    error = float((of_primitive - of_spikes).abs().max())
    print(f"gradient of the primitive:\n{of_primitive}")
    print(f"gradient of the spikes:\n{of_spikes}\nlargest difference: {error:g}")
    return error


def plot_surrogate_function(surrogate_function: SurrogateFunctionBase) -> Figure:
    """A figure with the Heaviside step, the primitive and the gradient of a module."""
    from matplotlib.figure import Figure  # heavy, and needed only here

    x = torch.arange(-2.5, 2.5, 0.001)
    params = surrogate_function._sg_params
    primitive = surrogate_function.primitive_function(x, **params).detach()
    leaf = x.clone().requires_grad_()
    spikes = surrogate_function.spiking_function(leaf, **params)
    (gradient,) = torch.autograd.grad(spikes.sum(), leaf)

    figure = Figure()
    axes = figure.subplots()
    axes.plot(x, heaviside(x), "-.", label="Heaviside")
    axes.plot(x, primitive, label="Primitive")
    axes.plot(x, gradient, "--", label="Gradient")
    title = f"{type(surrogate_function).__name__} surrogate function"
    axes.set(xlabel="Input", ylabel="Output", title=title)
    axes.grid(True, alpha=0.3)
    axes.legend()
    return figure
