"""The atlas of a run: every tile is the decoded center of its cell, drawn where the map says."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from latelier.config import ConfigError
from latelier.lab.makers import MAKERS

from .conftest import model_says, scattered, stand_in


def atlas_of(moment):
    (kind, named, payload, _), (image, _, png, _) = MAKERS["atlas_pca"].make(moment, {})
    assert (kind, image, named) == ("atlas_pca", "atlas_pca_image", {})
    return payload, Image.open(io.BytesIO(png))


@pytest.mark.parametrize("model", ["ae", "vae", "gmvae"])
def test_every_tile_is_the_decoded_center_of_its_cell(moments, model):
    moment = moments(model)
    payload, picture = atlas_of(moment)
    map_ = moment.record.read_json("latent_2d_pca", epoch=3)
    mean, axes = np.array(map_["mean"]), np.array(map_["components"])
    (x0, y0), (x1, y1) = payload["bounds"]["min"], payload["bounds"]["max"]
    assert (payload["columns"], payload["rows"]) == (6, 6)
    assert picture.mode == "L"
    assert picture.size == (48, 48)
    pixels, distances = np.asarray(picture), np.reshape(payload["distance"], (6, 6))
    for row in range(6):
        for column in range(6):
            x = x0 + (column + 0.5) * (x1 - x0) / 6
            y = y1 - (row + 0.5) * (y1 - y0) / 6
            z = (mean + x * axes[0] + y * axes[1]).astype(np.float32)
            tile = pixels[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            assert np.abs(tile - model_says(moment, z[None])[0]).max() <= 1
            every = np.linalg.norm(moment.latents["z"] - z, axis=1)
            assert distances[row, column] == pytest.approx(every.min(), abs=1e-4)


def test_the_atlas_holds_every_point_and_says_what_the_plane_leaves_out(moments):
    moment = moments("gmvae")
    payload, _ = atlas_of(moment)
    map_ = moment.record.read_json("latent_2d_pca", epoch=3)
    coords = np.array(map_["coords"])
    assert (coords > payload["bounds"]["min"]).all()
    assert (coords < payload["bounds"]["max"]).all()
    shown = sum(map_["explained_variance_ratio"])
    assert payload["out_of_plane"]["variance_share"] == pytest.approx(1 - shown, abs=1e-4)
    back = np.array(map_["mean"]) + coords @ np.array(map_["components"])
    median = np.median(np.linalg.norm(moment.latents["z"] - back, axis=1))
    assert payload["out_of_plane"]["median_distance"] == pytest.approx(median, abs=1e-4)
    assert payload["meta"]["subset_n"] == 40


def test_a_tile_of_a_umap_is_blended_from_the_latents_drawn_around_it(moments, monkeypatch):
    moment = moments("gmvae")
    umap = scattered(moment)
    stand_in(moment, monkeypatch, umap=umap)
    (kind, _, payload, _), (_, _, png, _) = MAKERS["atlas_umap"].make(moment, {})
    pixels = np.asarray(Image.open(io.BytesIO(png)))
    (x0, y0), (x1, y1) = payload["bounds"]["min"], payload["bounds"]["max"]
    assert (kind, payload["method"]) == ("atlas_umap", "umap")
    assert payload["out_of_plane"] == {"variance_share": None, "median_distance": None}
    for row in range(6):
        for column in range(6):
            center = [x0 + (column + 0.5) * (x1 - x0) / 6, y1 - (row + 0.5) * (y1 - y0) / 6]
            distances = np.linalg.norm(umap.coords.astype(np.float64) - center, axis=1)
            near = distances.argsort()[:11]
            reach = distances[near[-1]]
            weights = ((reach - distances[near]) / (reach * distances[near])) ** 2
            z = (weights[:, None] * moment.latents["z"][near]).sum(0) / weights.sum()
            tile = pixels[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            assert np.abs(tile - model_says(moment, z.astype(np.float32)[None])[0]).max() <= 1


def test_the_atlas_draws_nothing_random(moments):
    moment = moments("vae")
    torch.manual_seed(5)
    state = torch.get_rng_state()
    first, picture = atlas_of(moment)
    again, repeated = atlas_of(moment)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(first["distance"], again["distance"])
    assert picture.tobytes() == repeated.tobytes()


def test_there_is_no_atlas_of_vectors(moments):
    with pytest.raises(ConfigError, match="needs images"):
        atlas_of(moments("vae", vectors=True))
