"""One place of a map, decoded: against the model called by hand and grids written by hand."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
import torch
from PIL import Image

from latelier.config import ConfigError
from latelier.lab.makers import MAKERS
from latelier.lab.makers.point import value_at

from .conftest import model_says, scattered, stand_in

GRID = {
    "grid": {"width": 2, "height": 1},
    "bounds": {"min": [-1000.0, -1000.0], "max": [0.0, 1000.0]},
}
GRIDS = {
    "posterior_2d_pca": {**GRID, "values": [0.25, 0.5]},
    "metric_ratio_2d_pca": {**GRID, "values": [0.7, None]},
    "trust_2d_pca": {**GRID, "values": [0.1, 0.9]},
}


@pytest.fixture
def moment(moments, monkeypatch):
    """A moment whose grids say different things left and right of x = -500, and end at x = 0."""
    return stand_in(moments("gmvae"), monkeypatch, payloads=GRIDS)


def point(moment, **keys):
    """Decode a place; returns payload and picture."""
    products = {kind: content for kind, _, content, _ in MAKERS["decode_point"].make(moment, keys)}
    picture = Image.open(io.BytesIO(products["decode_point_image"]))
    return products["decode_point"], np.asarray(picture)


def test_a_place_is_decoded_exactly(moment):
    payload, picture = point(moment, method="pca", u=-1250, v=400)
    map_ = moment.record.read_json("latent_2d_pca", epoch=3)
    z = np.array(map_["mean"]) + np.array([-1.25, 0.4]) @ np.array(map_["components"])
    assert (payload["method"], payload["x"], payload["y"]) == ("pca", -1.25, 0.4)
    assert np.allclose(payload["z"], z, atol=1e-5)
    assert np.abs(picture - model_says(moment, payload["z"][None])[0]).max() <= 1
    distances = np.linalg.norm(moment.latents["z"] - z, axis=1)
    nearest = int(moment.latents["dataset_idx"][distances.argmin()])
    assert payload["nearest"]["dataset_idx"] == nearest
    assert payload["nearest"]["distance"] == pytest.approx(distances.min(), abs=1e-4)


def test_the_place_of_a_point_is_nearest_to_that_point(moment):
    map_ = moment.record.read_json("latent_2d_pca", epoch=3)
    left_out = moment.latents["z"] - (
        np.array(map_["mean"]) + np.array(map_["coords"]) @ np.array(map_["components"])
    )
    row = int(np.linalg.norm(left_out, axis=1).argmin())  # the point that lies nearest the plane
    u, v = (round(1000 * c) for c in map_["coords"][row])
    payload, _ = point(moment, method="pca", u=u, v=v)
    assert payload["nearest"]["dataset_idx"] == map_["dataset_idx"][row]


def test_on_a_umap_the_place_of_a_point_has_its_own_latent(moments, monkeypatch):
    moment = moments("gmvae")
    umap = scattered(moment)
    coords = umap.coords.round(3)  # what thousandths can name
    umap = dataclasses.replace(umap, coords=coords)
    payloads = {kind.replace("pca", "umap"): grid for kind, grid in GRIDS.items()}
    stand_in(moment, monkeypatch, payloads=payloads, umap=umap)
    u, v = (round(float(c) * 1000) for c in coords[11])
    payload, picture = point(moment, method="umap", u=u, v=v)
    assert payload["method"] == "umap"
    assert np.allclose(payload["z"], moment.latents["z"][11], atol=1e-3)
    assert payload["nearest"]["dataset_idx"] == moment.latents["dataset_idx"][11]
    assert np.abs(picture - model_says(moment, moment.latents["z"][11:12])[0]).max() <= 2


def test_the_cycle_error_is_in_radii_of_the_latents(moment):
    payload, _ = point(moment, method="pca", u=300, v=-200)
    z = torch.as_tensor(payload["z"])[None]
    with torch.no_grad():
        again = moment.session.model.eval().encode(moment.session.model.decode(z).x_hat).mu
    latents = moment.latents["z"]
    radius = np.sqrt((np.linalg.norm(latents - latents.mean(0), axis=1) ** 2).mean())
    expected = float(torch.linalg.norm(again - z)) / radius
    assert payload["cycle_error"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("u", "density", "distortion", "trust"),
    [(-900_000, 0.25, 0.7, 0.1), (-100_000, 0.5, None, 0.9), (1, None, None, None)],
)
def test_trust_is_that_of_its_cell(moment, u, density, distortion, trust):
    payload, _ = point(moment, method="pca", u=u, v=0)
    assert (payload["density"], payload["distortion"], payload["trust"]) == (
        density,
        distortion,
        trust,
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"method": "tsne", "u": 0, "v": 0}, "pca or umap"),
        ({"u": 0, "v": 0}, "pca or umap"),
        ({"method": "pca", "u": 0.5, "v": 0}, "u is no place"),
        ({"method": "pca", "u": 0}, "v is no place"),
        ({"method": "pca", "u": 0, "v": 10**9}, "v is no place"),
    ],
)
def test_places_that_cannot_be_named_are_refused(moment, keys, expected):
    with pytest.raises(ConfigError, match=expected):
        point(moment, **keys)


def test_a_place_of_vectors_is_given_as_numbers(moments, monkeypatch):
    moment = stand_in(moments("vae", vectors=True), monkeypatch, payloads=GRIDS)
    ((_, _, payload, _),) = MAKERS["decode_point"].make(moment, {"method": "pca", "u": 0, "v": 0})
    with torch.no_grad():
        decoded = moment.decode(torch.as_tensor(payload["z"])[None])
    assert np.allclose(payload["decoded"], decoded[0].numpy(), atol=1e-6)


def test_a_grid_is_read_in_the_cell_of_the_place():
    grid = {
        "grid": {"width": 3, "height": 2},
        "bounds": {"min": [0.0, 10.0], "max": [3.0, 14.0]},
        "values": [0, 1, 2, 3, None, 5],
    }
    assert value_at(grid, 0.5, 11.0) == 0
    assert value_at(grid, 2.5, 10.1) == 2
    assert value_at(grid, 0.5, 13.0) == 3
    assert value_at(grid, 3.0, 14.0) == 5  # the outer edge belongs to the last cell
    assert value_at(grid, 1.5, 13.0) is None
    assert value_at(grid, -0.1, 11.0) is None
    assert value_at(grid, 0.5, 14.1) is None
