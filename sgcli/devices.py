"""The choice of a device."""

from __future__ import annotations

from sgcli.errors import SgError


def check_device(name: str) -> str:
    """The name of an available device; :class:`SgError` lists the available ones."""
    import torch

    available = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
        if device.type == "meta":
            raise RuntimeError("meta tensors have no data")
    except (RuntimeError, AssertionError) as error:
        raise SgError(
            f"there is no device '{name}'", f"available: {', '.join(available)}"
        ) from error
    return name
