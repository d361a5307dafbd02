"""Random rotations, shifts and scalings of training images."""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from sgcli.training.data.samples import image_shape

# As Fang and others train MNIST, doi:10.1109/ICCV48922.2021.00266.
DEGREES = 30.0
SHIFT = 0.15  # of the sides
SCALE = (0.85, 1.11)


def augment(images: Tensor, generator: Generator) -> Tensor:
    """Rotate, scale and shift each image of bytes [B, pixels] by amounts of its own.

    Pixels are the nearest ones of the old image, black outside it. Shifts are whole pixels, as in
    torchvision's ``RandomAffine``.
    """
    _, rows, columns = image_shape(images.shape[1])
    draws = torch.rand(4, len(images), generator=generator).to(images.device)
    angle = math.radians(DEGREES) * (2 * draws[0] - 1)
    scale = SCALE[0] + (SCALE[1] - SCALE[0]) * draws[1]
    # In grid coordinates, a side has the length 2.
    shifts = [
        2 * torch.round(SHIFT * n * (2 * draw - 1)) / n
        for n, draw in ((columns, draws[2]), (rows, draws[3]))
    ]
    # The place of each new pixel in the old image.
    cos, sin = angle.cos() / scale, angle.sin() / scale
    back = torch.stack([cos, sin, -sin, cos], 1).view(-1, 2, 2)
    offset = -(back @ torch.stack(shifts, 1)[..., None])
    grid = functional.affine_grid(
        torch.cat([back, offset], 2), [len(images), 1, rows, columns], align_corners=False
    )
    square = images.float().view(-1, 1, rows, columns)
    moved = functional.grid_sample(square, grid, mode="nearest", align_corners=False)
    return moved.flatten(1).to(images.dtype)
