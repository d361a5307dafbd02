"""See, verify, choose and try surrogate gradients for spiking neural networks.

What the command ``sg`` does is a function here, by the same name: :func:`plot`, :func:`gradcheck`,
:func:`compare`, :func:`flow`, :func:`recommend`, :func:`train`, and ``bias`` with ``loop``,
``sign``, ``escape`` and ``fd``. Each is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgcli.figures.notebook import plot as plot
    from sgcli.studies import bias as bias
    from sgcli.studies.compare import compare as compare
    from sgcli.studies.flow import flow as flow
    from sgcli.studies.gradcheck import gradcheck as gradcheck
    from sgcli.studies.recommend import recommend as recommend
    from sgcli.studies.train import train as train

__version__ = "0.1.0"

# What is imported when it is first asked for, and from where.
_PLACES = {
    "plot": "sgcli.figures.notebook:plot",
    "gradcheck": "sgcli.studies.gradcheck:gradcheck",
    "compare": "sgcli.studies.compare:compare",
    "flow": "sgcli.studies.flow:flow",
    "bias": "sgcli.studies.bias:",
    "recommend": "sgcli.studies.recommend:recommend",
    "train": "sgcli.studies.train:train",
}

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module 'sgcli' has no attribute '{name}'")
        module, _, attribute = _PLACES[name].partition(":")
        result = import_module(module)
        globals()[name] = getattr(result, attribute) if attribute else result
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
