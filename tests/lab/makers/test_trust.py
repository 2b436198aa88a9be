"""The trust of a map, cell by cell: with a loop over cells, and the model called by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from latelier.config import ConfigError
from latelier.lab.makers import MAKERS

from .conftest import plane_of, scattered, stand_in


def trust_of(moment, method="pca"):
    ((kind, named, payload, _),) = MAKERS[f"trust_2d_{method}"].make(moment, {})
    assert (kind, named) == (f"trust_2d_{method}", {})
    return payload


@pytest.mark.parametrize("model", ["ae", "vae", "gmvae"])
def test_every_cell_is_decoded_and_encoded_once(moments, monkeypatch, model):
    moment = moments(model)
    drawn = moment.map("pca")
    grids = plane_of(moment, "pca", drawn)
    payload = trust_of(stand_in(moment, monkeypatch, payloads=grids))
    density = np.array(grids["posterior_2d_pca"]["values"]).reshape(4, 4, 4, 4)
    stretch = np.array(grids["metric_ratio_2d_pca"]["values"], dtype=float).reshape(4, 4, 4, 4)
    (x0, y0), (x1, y1) = payload["bounds"]["min"], payload["bounds"]["max"]
    latents = moment.latents["z"]
    radius = np.sqrt((np.linalg.norm(latents - latents.mean(0), axis=1) ** 2).mean())
    task = moment.session.task
    known = stretch[np.isfinite(stretch)].size
    assert known
    for row in range(4):
        for column in range(4):
            place = [x0 + (column + 0.5) * (x1 - x0) / 4, y0 + (row + 0.5) * (y1 - y0) / 4]
            z = torch.tensor(drawn.mean + place @ drawn.components, dtype=torch.float32)[None]
            with torch.no_grad():
                error = float(torch.linalg.norm(task.encode(task.decode(z)).z - z)) / radius
            p, cell = density[row, :, column].mean(), row * 4 + column
            edge = payload["meta"]["density_edge"]
            parts = {name: values[cell] for name, values in payload["parts"].items()}
            assert parts["density"] == pytest.approx(p / (p + edge), rel=1e-3, abs=1e-6)
            assert parts["cycle"] == pytest.approx(1 / (1 + (error / 0.5) ** 2), rel=1e-3)
            if np.isnan(stretch[row, :, column]).all():
                assert parts["distortion"] == 0
            assert payload["values"][cell] == pytest.approx(
                np.prod(list(parts.values())) ** (1 / 3), rel=1e-3, abs=1e-6
            )
    assert payload["bounds"]["min"] == pytest.approx(grids["posterior_2d_pca"]["bounds"]["min"])
    assert payload["method"] == "pca"


def test_on_a_umap_the_codes_are_blended(moments, monkeypatch):
    moment = moments("gmvae")
    umap = scattered(moment)
    stand_in(moment, monkeypatch, payloads=plane_of(moment, "umap", umap), umap=umap)
    payload = trust_of(moment, "umap")
    assert payload["method"] == "umap"
    assert 0 < np.nanmax(np.array(payload["values"], dtype=float)) <= 1


def test_a_cell_without_data_is_not_trusted(moments, monkeypatch):
    moment = moments("vae")
    grids = plane_of(moment, "pca", moment.map("pca"))
    empty = grids["posterior_2d_pca"]
    half = len(empty["values"]) // 2
    empty["values"][:half] = [0.0] * half  # the lower half of the map
    payload = trust_of(stand_in(moment, monkeypatch, payloads=grids))
    assert set(payload["values"][:8]) == {0.0}
    assert max(payload["values"][8:]) > 0


def test_a_model_that_cannot_decode_has_no_trust(moments, monkeypatch):
    moment = moments("vae")
    monkeypatch.setattr(type(moment.session.task), "capabilities", frozenset({"encode"}))
    with pytest.raises(ConfigError, match="decode"):
        trust_of(moment)
