"""Code to paste: a surrogate in plain torch, or as a call of another library."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sgcli.definitions.core import Shape
from sgcli.definitions.expression import evaluate
from sgcli.definitions.peers import LIBRARIES, V_THRESHOLD, Peer, factor, variables_of
from sgcli.errors import SgError
from sgcli.maths.dialects import TORCH
from sgcli.maths.writer import write

LANGUAGES = ("torch", *LIBRARIES)


def code(shape: Shape, language: str) -> str:
    """Self-contained source text; :class:`SgError` if the library has no such surrogate."""
    return torch_code(shape) if language == "torch" else peer_code(shape, language)


def torch_code(shape: Shape) -> str:
    """An ``autograd.Function`` and an ``nn.Module`` that need nothing but torch."""
    definition = shape.definition
    no_primitive = definition.no_primitive or definition.by_quadrature
    template = FUNCTION + (MODULE if no_primitive else PRIMITIVE + BOTH)
    words = {
        "name": definition.identifier(),
        "module": definition.__name__,
        "summary": definition.summary(),
        "label": _command_line_name(shape),
        "defaults": "".join(f", {k}={v!r}" for k, v in shape.params.items()),
        "arguments": "".join(f", {k}" for k in shape.params),
        "attributes": "".join(f", self.{k}" for k in shape.params),
    }
    bodies = {
        "FORWARD": _forward(shape),
        "DERIVATIVE": _derivative(shape),
        "PRIMITIVE": [] if no_primitive else _function(shape, definition.primitive),
        "SET": [f"self.{k} = {k}" for k in shape.params],
    }
    text: list[str] = []
    for line in template.splitlines():
        if (key := line.strip()) in bodies:
            indent = line[: -len(key)]
            text += [indent + written for written in bodies[key]]
        else:
            text.append(line.format(**words))
    written = "\n".join(text)
    imports = "import math\n\nimport torch" if "math." in written else "import torch"
    return f"{imports}\nfrom torch import nn\n\n\n{written}"


FUNCTION = '''\
class {name}(torch.autograd.Function):
    """{summary}

    Written by `sg show {label} --code torch`.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(x{defaults}):
        FORWARD

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(inputs[0])
        ctx.params = inputs[1:]

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        slope = {name}.derivative(working(x), *ctx.params)
        return (grad_output * slope).to(x.dtype), *[None] * len(ctx.params)

    @staticmethod
    def derivative(x{defaults}):
        DERIVATIVE


def working(x):
    """Half precision is computed in float32 and rounded once."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
'''

PRIMITIVE = '''

class {name}_primitive({name}):
    """The primitive, with the same gradient."""

    @staticmethod
    def forward(x{defaults}):
        return {name}_primitive.value(working(x){arguments}).to(x.dtype)

    @staticmethod
    def value(x{defaults}):
        PRIMITIVE
'''

MODULE = """

class {module}(nn.Module):
    def __init__(self{defaults}):
        super().__init__()
        SET

    def forward(self, x):
        return {name}.apply(x{attributes})
"""

BOTH = """

class {module}(nn.Module):
    def __init__(self{defaults}, spiking=True):
        super().__init__()
        SET
        self.spiking = spiking

    def forward(self, x):
        if self.spiking:
            return {name}.apply(x{attributes})
        return {name}_primitive.apply(x{attributes})
"""


def _command_line_name(shape: Shape) -> str:
    """The shape as ``sg`` accepts it, without its parameters if all are defaults."""
    return shape.definition.reference() if shape.is_default else shape.text()


def _function(shape: Shape, function: Callable[..., Any]) -> list[str]:
    text = write(function, shape.params, TORCH)
    value = "x.clone()" if text.value == "x" else text.value
    return [*text.lines, f"return {value}"]


def _derivative(shape: Shape) -> list[str]:
    definition = shape.definition
    if definition.random_gradient:
        text = write(definition.drawn, ("u", *shape.params), TORCH)
        text = replace(text, lines=("u = torch.rand_like(x)", *text.lines))
    else:
        text = write(definition.derivative, shape.params, TORCH)
    if text.node.smooth:
        return [*text.lines, f"return {text.value}"]
    return [
        *text.lines,
        f"slope = {text.value}",
        "# Constant on each piece: torch.where gives it the second derivative 0 instead of none.",
        "return torch.where(torch.zeros_like(x, dtype=torch.bool), x, slope)",
    ]


def _forward(shape: Shape) -> list[str]:
    lines = _function(shape, shape.definition.forward)
    if not shape.definition.stochastic:
        return lines
    probability = lines.pop().removeprefix("return ")
    # Half precision cannot represent a small probability, and its draws change between releases
    # of torch.
    lines = ["dtype, x = x.dtype, working(x)", *lines]
    return [*lines, f"return (torch.rand_like(x) < {probability}).to(dtype)"]


def peer_code(shape: Shape, library: str) -> str:
    """The call that constructs the same surrogate in another library, with the differences."""
    peer = next((p for p in shape.definition.peers if p.library == library), None)
    if peer is None:
        titles = [LIBRARIES[p.library].title for p in shape.definition.peers]
        have = f"{' and '.join(titles)} {'has' if len(titles) == 1 else 'have'} it; "
        raise SgError(
            f"{LIBRARIES[library].title} has no {shape.name}",
            f"{have if titles else ''}--code torch always works",
        )
    if any(shape.params[k] != v for k, v in peer.only.items()):
        raise SgError(
            f"{LIBRARIES[library].title} has {shape.name} for {peer.only_text} only",
            "--code torch always works",
        )
    values = peer_parameters(shape, peer)
    arguments = ", ".join(f"{k}={v!r}" for k, v in values.items())
    remarks = [line for text in _remarks(shape, peer) for line in textwrap.wrap(text, 90)]
    is_method = library != "norse" or not shape.definition.stochastic
    template = CALLS[library] if is_method else FUNCTION_OF_NORSE
    call = template.format(
        name=peer.name,
        arguments=arguments,
        alpha="".join(f", alpha=torch.tensor({v!r})" for v in values.values()),
    )
    imports, _, use = call.partition("\n\n")
    return "\n".join([imports, "", *[f"# {line}" for line in remarks], use.rstrip()])


def peer_parameters(shape: Shape, peer: Peer, v_threshold: float = V_THRESHOLD) -> dict[str, Any]:
    """The peer's parameters, by their name, with the values that reproduce the shape."""
    variables = variables_of(shape, v_threshold)
    values = {theirs: evaluate(text, variables) for theirs, text in peer.params.items()}
    integers = {k for k, p in shape.definition.params.items() if p.integer}
    return {k: int(v) if k in integers else _short(v) for k, v in values.items()}


def _short(value: float) -> float:
    """The value without the rounding of its last digit: 0.2 instead of 0.20000000000000001."""
    rounded = float(f"{value:.15g}")
    return rounded if abs(rounded - value) <= 4e-16 * abs(value) else value


def _remarks(shape: Shape, peer: Peer) -> list[str]:
    library = LIBRARIES[peer.library]
    ours = f"`{_command_line_name(shape)}`"
    height = factor(peer, shape)
    remarks = [f"{library.title} {library.release}: {ours} of sgcli."]
    if peer.height != "1":
        remarks.append(
            f"Its gradient is {height:.6g} times ours"
            + (f" ({peer.height})." if not is_number(peer.height) else ".")
        )
    if peer.shift != "0":
        remarks.append(f"Its gradient is ours moved to the right by {peer.shift}.")
    if "v_threshold" in shape.params:
        remarks.append(f"For a neuron with the threshold {shape.params['v_threshold']:g}.")
    if any("v_threshold" in text for text in (peer.height, *peer.params.values())):
        remarks.append(
            f"Computed for v_threshold = {V_THRESHOLD}; another threshold needs other values."
        )
    if library.fires == "x > 0" and not shape.definition.stochastic:
        remarks.append("It fires at x > 0, ours at x >= 0.")
    if peer.note:
        remarks.append(f"Note: {peer.note}.")
    return remarks


def is_number(text: str) -> bool:
    """Whether an expression is a plain number."""
    return text.replace(".", "").isdigit()


# Norse's neurons do not offer the random surrogates as a method; these are called as functions.
FUNCTION_OF_NORSE = """\
import torch
from norse.torch.functional.threshold import {name}_fn

spikes = {name}_fn(torch.linspace(-1, 1, 9), {arguments})
"""

CALLS = {
    "spikingjelly": """\
from spikingjelly.activation_based import neuron, surrogate

node = neuron.LIFNode(surrogate_function=surrogate.{name}({arguments}))
""",
    "snntorch": """\
import snntorch as snn
from snntorch import surrogate

cell = snn.Leaky(beta=0.9, spike_grad=surrogate.{name}({arguments}))
""",
    "norse": """\
import torch
from norse.torch import LIFCell, LIFParameters

cell = LIFCell(p=LIFParameters(method="{name}"{alpha}))
""",
    "sinabs": """\
from sinabs.activation import {name}
from sinabs.layers import LIF

layer = LIF(tau_mem=20.0, surrogate_grad_fn={name}({arguments}))
""",
}
