"""How samples become spikes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from sgcli.errors import SgError
from sgcli.training.data.augment import SHIFT, augment
from sgcli.training.data.encoders import ENCODERS, encode
from sgcli.training.run.trainer import generator
from sgcli.training.settings import settings_for

G = generator(0, "encoder")


@given(st.floats(1.01, 50))
def test_a_constant_current_fires_at_the_rate_of_its_neuron(current: float) -> None:
    spikes = ENCODERS["lif"](torch.tensor([[current]]), 400, G).flatten()
    # From 0 the membrane is c (1 − 0.9ⁿ) after n steps, above 1 from some n on.
    period = next(n for n in range(1, 401) if current * (1 - 0.9**n) > 1 + 1e-6)
    first = int(spikes.argmax()) + 1
    assert first == period
    assert spikes.sum().item() == 400 // period


def test_what_never_reaches_the_threshold_is_silent() -> None:
    assert not ENCODERS["lif"](torch.tensor([[-3.0, 0.0, 1.0]]), 300, G).any()


@given(st.floats(-1, 1), st.floats(0.05, 3), st.integers(1, 60), st.booleans())
def test_an_encoder_that_no_pixel_would_make_fire_is_refused(
    mean: float, sd: float, time: int, softplus: bool
) -> None:
    pixels = torch.arange(256, dtype=torch.uint8)[None]
    settings = settings_for(
        "mnist", encoder="lif", pixel_mean=mean, pixel_sd=sd, time=time, softplus=softplus
    )
    try:
        fires = bool(encode(settings, pixels, G).any())
    except SgError:
        fires = False
    x = (pixels / 255 - mean) / sd
    x = torch.nn.functional.softplus(x) if softplus else x
    assume(abs(float(x.max()) * (1 - 0.9**time) - 1) > 1e-4)
    assert fires == bool(ENCODERS["lif"](x, time, G).any())


@pytest.mark.parametrize(
    "given", [{"augment": True}, {"softplus": True}, {"pixel_mean": 0.1}, {"pixel_sd": 2.0}]
)
def test_spikes_are_not_changed_like_pixels(given: dict[str, Any]) -> None:
    raster = torch.zeros(4, 6, 5, dtype=torch.uint8)
    with pytest.raises(SgError, match="are spikes, not pixels"):
        encode(settings_for("randman", time=6, **given), raster, G)


def test_latency_is_the_first_spike_alone() -> None:
    x = 4 * torch.rand(5, 30, generator=generator(0, "x"))
    every, first = ENCODERS["lif"](x, 40, G), ENCODERS["latency"](x, 40, G)
    assert torch.equal(first.sum(0), every.any(0).float())
    fired = every.any(0)
    assert torch.equal(first.argmax(0)[fired], every.argmax(0)[fired])
    # The brighter, the earlier.
    order = x[fired].argsort(descending=True)
    assert (first.argmax(0)[fired][order].diff() >= 0).all()


@pytest.mark.peer
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lif", "latency"])
def test_norse(name: str) -> None:
    encoders = pytest.importorskip("norse.torch.functional.encode")
    theirs = {"lif": "constant_current_lif_encode", "latency": "spike_latency_lif_encode"}[name]
    x = 5 * torch.rand(20, 784, generator=generator(0, "x")) - 1
    assert torch.equal(ENCODERS[name](x, 32, G), getattr(encoders, theirs)(x, 32))


def test_pixels_are_normalised_then_softened() -> None:
    settings = settings_for("mnist", pixel_mean=0.25, pixel_sd=0.5, softplus=True)
    images = torch.tensor([[0, 51, 255]], dtype=torch.uint8)
    want = torch.nn.functional.softplus((images / 255 - 0.25) / 0.5)
    assert torch.allclose(encode(settings, images, G), want, atol=1e-6)


def test_rasters_are_given_as_they_are() -> None:
    raster = (torch.rand(4, 6, 5) < 0.3).to(torch.uint8) * 255
    found = encode(settings_for("randman", time=6), raster, G)
    assert torch.equal(found, raster.transpose(0, 1) / 255)
    for time, samples, words in (
        (7, raster, "6 steps, not 7"),
        (6, raster[:, 0], "are not spikes"),
    ):
        with pytest.raises(SgError, match=words):
            encode(settings_for("randman", time=time), samples, G)


def test_moved_images_keep_their_pixels() -> None:
    g = generator(0, "augment")
    images = torch.zeros(2000, 28, 28, dtype=torch.uint8)
    images[:, 12:16, 12:16] = 200
    moved = augment(images.flatten(1), g).unflatten(1, (28, 28))
    assert moved.dtype == torch.uint8
    assert set(moved.unique().tolist()) == {0, 200}
    weight = (moved > 0).double()
    area = weight.sum((1, 2))
    # 16 pixels, scaled by at most 0.85² and 1.11², and cut into whole pixels.
    assert 0.85**2 * 16 - 6 <= area.min() <= 16 <= area.max() <= 1.11**2 * 16 + 6
    rows = (weight.sum(2) * torch.arange(28)).sum(1) / area - 13.5
    # A shift of up to 15 % of 28 pixels, which is 4; half a pixel for turning and rounding.
    assert rows.abs().max() <= round(SHIFT * 28) + 0.75
    assert rows.std() == pytest.approx(4.2 / 3**0.5, rel=0.1)
    assert not torch.equal(moved[0], moved[1])


def test_no_movement_is_the_image() -> None:
    images = torch.randint(256, (3, 784), dtype=torch.uint8)
    still = torch.Generator()
    with pytest.MonkeyPatch.context() as patch:
        # In the middle of each range there is no turn and no shift; the scale is made 1.
        patch.setattr("sgcli.training.data.augment.SCALE", (1.0, 1.0))
        patch.setattr(torch, "rand", lambda *size, generator: torch.full(size, 0.5))
        assert torch.equal(augment(images, still), images)
