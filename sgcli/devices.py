"""Which device a command runs on."""

from __future__ import annotations

from sgcli.errors import SgError


def check_device(name: str) -> str:
    """The name of a device that is there; :class:`SgError` lists those that are."""
    import torch

    there = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
        if device.type == "meta":
            raise RuntimeError("it has no numbers")
    except (RuntimeError, AssertionError) as error:
        raise SgError(
            f"there is no device '{name}' here", f"there is {', '.join(there)}"
        ) from error
    return name
