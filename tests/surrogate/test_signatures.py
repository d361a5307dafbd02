"""The signature of a module, as tools read it: jsonargparse, Hydra, Lightning, an editor's stub."""

from __future__ import annotations

import ast
import copy
import inspect
import json
import pickle
import typing
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import jsonargparse
import pytest
import torch
from torch import Tensor, nn

from sgcli import surrogate
from sgcli.definitions import Param, formulas
from sgcli.errors import ParameterError
from tests.surrogate import X, classes, every, gradient

STUB = {
    node.name: node
    for node in ast.parse(Path(surrogate.__file__).with_suffix(".pyi").read_text()).body
    if isinstance(node, ast.ClassDef)
}
TYPES = {"torch": torch, "Tensor": Tensor, "Collection": Collection}


def stubbed(name: str) -> inspect.Signature:
    """The signature of ``__init__`` in the stub."""
    (init,) = [n for n in STUB[name].body if getattr(n, "name", "") == "__init__"]
    assert isinstance(init, ast.FunctionDef)
    own, *others = init.args.args
    defaults = zip(others, init.args.defaults, strict=True)
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter(own.arg, kind)]
    for argument, default in defaults:
        assert argument.annotation
        annotation = eval(ast.unparse(argument.annotation), TYPES)
        value = ast.literal_eval(default)
        parameters.append(
            inspect.Parameter(argument.arg, kind, default=value, annotation=annotation)
        )
    return inspect.Signature(parameters, return_annotation=None)


@every
def test_the_signature_is_that_of_the_stub(definition):
    module, _ = classes(definition)
    of_init = inspect.signature(module.__init__)
    assert of_init == stubbed(module.__name__)
    _, *parameters = of_init.parameters.values()
    assert inspect.signature(module) == of_init.replace(parameters=parameters)
    assert inspect.getfullargspec(module.__init__).args == list(of_init.parameters)


@every
def test_annotations_are_types(definition):
    module, _ = classes(definition)
    hints = typing.get_type_hints(module.__init__)
    assert hints.pop("return") is type(None)
    assert hints == {k: p.annotation for k, p in inspect.signature(module).parameters.items()}


def test_a_parameter_without_a_default_must_be_given():
    """Parameters of a formula have no default."""
    instance = surrogate.of(formulas.definition("exp(-alpha*abs(x))"))
    parameters = inspect.signature(instance).parameters
    assert list(parameters) == ["alpha", "spiking", "learnable"]
    assert parameters["alpha"].default is inspect.Parameter.empty
    assert instance(2.0).alpha == 2
    with pytest.raises(TypeError, match="alpha"):
        instance()
    with pytest.raises(ParameterError, match="cannot be the name of a parameter"):
        formulas.definition("self*x")


@pytest.mark.parametrize(
    ("args", "kwargs", "words"),
    [
        ((), {"beta": 1.0}, "beta"),
        ((1.0,), {"alpha": 1.0}, "alpha"),
        ((1.0, True, False, None), {}, "too many positional arguments"),
    ],
)
def test_arguments_outside_the_signature_are_a_type_error(args, kwargs, words):
    with pytest.raises(TypeError, match=words):
        surrogate.Sigmoid(*args, **kwargs)


def configured(definition: Any) -> tuple[dict[str, Any], str]:
    """Arguments of a configuration file, and the repr of the resulting module."""
    values = {name: _configured(p) for name, p in definition.params.items()}
    shown = [f"{name}={value}" for name, value in values.items()]
    text = f"{definition.__name__}({', '.join([*shown, 'spiking=False'])})"
    return json.loads(json.dumps({**values, "spiking": False})), text


def _configured(p: Param) -> float:
    return int(p.typical[1]) if p.integer else float(p.typical[1])


@every
def test_jsonargparse_makes_it_from_options(definition):
    module, _ = classes(definition)
    arguments, text = configured(definition)
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    assert parser.add_class_arguments(module, "sg") == [
        f"sg.{name}" for name in inspect.signature(module).parameters
    ]
    args = [f"--sg.{name}={json.dumps(value)}" for name, value in arguments.items()]
    assert repr(parser.instantiate(parser.parse_args(args)).sg) == text
    assert repr(parser.instantiate(parser.parse_args([])).sg) == repr(module())
    with pytest.raises(jsonargparse.ArgumentError):
        parser.parse_args(["--sg.spiking=perhaps"])


@every
def test_jsonargparse_makes_it_from_a_class_path(definition):
    """As LightningCLI does from a configuration file."""
    arguments, text = configured(definition)
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--sg", type=nn.Module)
    path = f"sgcli.surrogate.{definition.__name__}"
    config = parser.parse_object({"sg": {"class_path": path, "init_args": arguments}})
    assert repr(parser.instantiate(config).sg) == text
    with pytest.raises(jsonargparse.ArgumentError):
        parser.parse_object({"sg": {"class_path": path, "init_args": {"unknown": 1}}})


@pytest.mark.parametrize(
    ("text", "trained"), [("true", ["alpha", "beta"]), ('["beta"]', ["beta"]), ("beta", ["beta"])]
)
def test_jsonargparse_accepts_the_names_of_trained_parameters(text, trained):
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(surrogate.S2NN, "sg")
    instance = parser.instantiate(parser.parse_args([f"--sg.learnable={text}"])).sg
    assert [n for n, _ in instance.named_parameters()] == [f"raw_{name}" for name in trained]


@every
def test_a_target_and_keywords_make_it(definition):
    """As ``hydra.utils.instantiate`` does: it imports the name and calls it.

    It reads no signature. Hydra itself would add nothing here but a parser without a wheel.
    """
    arguments, text = configured(definition)
    path, _, name = f"sgcli.surrogate.{definition.__name__}".rpartition(".")
    assert repr(getattr(import_module(path), name)(**arguments)) == text


def collected(frame: FrameType) -> dict[str, Any]:
    """The arguments of ``__init__`` as Lightning's ``save_hyperparameters`` reads them."""
    values = inspect.getargvalues(frame).locals
    own, *parameters = inspect.signature(values["__class__"].__init__).parameters.values()
    assert values[own.name] is not None
    result = {p.name: values[p.name] for p in parameters}
    for p in parameters:
        if p.kind is p.VAR_KEYWORD:
            result |= result.pop(p.name)
    return result


class Saved:
    """Lightning's mixin, as far as it collects."""

    def save_hyperparameters(self) -> None:
        frame = inspect.currentframe()
        assert frame
        assert frame.f_back
        self.hparams = collected(frame.f_back)


class Network(Saved, nn.Module):
    """Passes the arguments on to a surrogate."""

    def __init__(self, width: int, **shape: Any) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.sg = surrogate.Sigmoid(**shape)


class Mine(Saved, surrogate.Sigmoid):
    """A user's subclass with another default."""

    def __init__(self, alpha: float = 3.0, learnable: bool = False) -> None:
        super().__init__(alpha, learnable=learnable)
        self.save_hyperparameters()


class Plain(surrogate.Sigmoid):
    """A user's subclass with the arguments of the surrogate."""


def test_hyperparameters_are_collected():
    assert Network(3, alpha=2.0).hparams == {"width": 3, "alpha": 2.0}
    assert Mine(2.5).hparams == {"alpha": 2.5, "learnable": False}


def test_loading_a_checkpoint_selects_the_arguments_of_the_signature():
    """Lightning's ``load_from_checkpoint`` selects them by the signature of ``__init__``."""
    stored = {"alpha": 2.5, "learnable": False, "lr": 1e-3}
    for cls in (surrogate.Sigmoid, Mine, Plain):
        names = inspect.signature(cls.__init__).parameters
        assert cls(**{k: v for k, v in stored.items() if k in names}).alpha == 2.5


def test_a_subclass_has_its_own_signature():
    assert list(inspect.signature(Mine).parameters) == ["alpha", "learnable"]
    assert inspect.signature(Mine).parameters["alpha"].default == 3
    assert inspect.signature(Plain) == inspect.signature(surrogate.Sigmoid)
    instance = Mine()
    assert repr(instance) == "Mine(alpha=3.0, spiking=True)"
    torch.testing.assert_close(gradient(instance), gradient(surrogate.Sigmoid(3.0)))
    with pytest.raises(ParameterError, match="alpha"):
        Mine(-1.0)
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(Mine, "sg")
    assert repr(parser.instantiate(parser.parse_args(["--sg.alpha=5"])).sg).startswith(
        "Mine(alpha=5.0"
    )


@pytest.mark.parametrize("learnable", [False, True])
def test_a_copy_of_a_subclass_is_one_too(learnable):
    instance = Mine(2.5, learnable)
    instance.extra = "kept"
    for twin in (copy.deepcopy(instance), pickle.loads(pickle.dumps(instance))):
        assert type(twin) is Mine
        assert (twin.extra, repr(twin)) == ("kept", repr(instance))
        assert twin.state_dict() == instance.state_dict()
        torch.testing.assert_close(gradient(twin), gradient(instance))
    other = Mine(4.0, learnable)
    other.load_state_dict(instance.state_dict())
    assert torch.equal(other(X), instance(X))


def test_an_argument_of_spikingjellys_in_the_place_of_learnable_says_what_differs():
    with pytest.raises(ParameterError, match=r"grad_window") as caught:
        surrogate.MultiLevelSpikeCount(4, True, (-0.5, 4.5))
    assert "learnable = (-0.5, 4.5)" in str(caught.value)
