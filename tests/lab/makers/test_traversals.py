"""Ways between examples, and along a dimension."""

from __future__ import annotations

import numpy as np
import pytest

from .conftest import codes, made, model_says, tiles


@pytest.mark.parametrize("model", ["ae", "vae", "gmvae"])
@pytest.mark.parametrize("mode", ["linear", "spherical"])
def test_a_way_begins_and_ends_at_the_reconstructions(moments, model, mode):
    moment = moments(model)
    payload, picture, _ = made(moment, "interpolation", idx=3, to=99, m=7, mode=mode)
    ends = codes(moment, 3, 99)
    assert np.allclose(payload["z"][[0, -1]], ends, atol=1e-5)
    seen = tiles(payload, picture)[[0, -1]]
    assert np.abs(seen - model_says(moment, ends)).max() <= 1
    assert (payload["idx"], payload["to"], payload["mode"]) == (3, 99, mode)
    radii = np.linalg.norm(payload["z"], axis=1)
    if mode == "linear":
        assert np.allclose(payload["z"][3], ends.mean(0), atol=1e-5)
    else:
        assert np.allclose(np.diff(radii), np.diff(radii)[0], atol=1e-5)


def test_the_name_leaves_the_default_mode_out(moments):
    moment = moments("ae")
    keys = {"idx": 3, "to": 9, "m": 4}
    plain, _, named = made(moment, "interpolation", **keys)
    same, _, named_alike = made(moment, "interpolation", **keys, mode="linear")
    assert named == named_alike == keys
    assert np.array_equal(plain["z"], same["z"])
    _, _, other = made(moment, "interpolation", **keys, mode="spherical")
    assert other == {**keys, "mode": "spherical"}


@pytest.mark.parametrize("model", ["ae", "vae", "gmvae"])
def test_a_traversal_goes_three_deviations_to_each_side(moments, model):
    moment = moments(model)
    payload, picture, _ = made(moment, "traversal", idx=5, d=2, m=9)
    center = codes(moment, 5)[0]
    if model == "ae":
        deviation = np.std(moment.latents["z"][:, 2])
    elif model == "vae":
        deviation = 1.0
    else:
        components = moment.session.model
        mu = components.component_mu[:, 2].detach().numpy()
        variance = components.component_log_var[:, 2].exp().detach().numpy()
        second = (variance + mu**2).mean()
        deviation = np.sqrt(second - mu.mean() ** 2)
    expected = np.repeat(center[None], 9, axis=0)
    expected[:, 2] = center[2] + deviation * np.linspace(-3, 3, 9)
    assert np.allclose(payload["z"], expected, atol=1e-4)
    assert payload["deviation"]["of"] == ("codes" if model == "ae" else "prior")
    middle = tiles(payload, picture)[4]
    assert np.abs(middle - model_says(moment, center[None])[0]).max() <= 1


def test_a_long_way_is_broken_into_rows(moments):
    payload, picture, _ = made(moments("ae"), "traversal", idx=5, d=0, m=20)
    assert (payload["layout"]["columns"], payload["layout"]["rows"]) == (16, 2)
    assert (tiles(payload, picture).shape) == (20, 8, 8)
