"""Moments of tiny trained runs, one per kind of model, and one of data that are no images."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from latelier.analysis import bounds_of
from latelier.analysis.plane import plane_payloads
from latelier.analysis.umap_map import UmapMap
from latelier.config import load_config
from latelier.lab.fast_set import Points
from latelier.lab.launch import fit
from latelier.lab.makers import MAKERS
from latelier.lab.moment import Moment
from latelier.lab.prepare import prepare
from latelier.lab.run import Run
from latelier.runs.encoding import dumps, loads
from latelier.training import load_model

NET = {"kind": "mlp", "hidden": [8]}
MODELS: dict[str, dict[str, Any]] = {
    "ae": {"kind": "ae", "latent_dim": 3, "net": NET},
    "vae": {"kind": "vae", "latent_dim": 3, "net": NET},
    "gmvae": {"kind": "gmvae", "latent_dim": 3, "components": 3, "warmup_epochs": 1, "net": NET},
}
ANALYSIS: dict[str, Any] = {
    "points": 40,
    "neighbors": 5,
    "pictures": False,
    "full_set": "off",
    "density_grid": 16,
    "trust_grid": 4,
    "atlas_tiles": 6,
}
VECTORS = np.random.default_rng(0).random((60, 5), dtype=np.float32)


def at(run: Run, epoch: int, data: object = None) -> Moment:
    """Put a run back into memory as it was at the end of an epoch."""
    session = prepare(load_config(run.config), data=data)
    folder = run.record.path_of("checkpoint", epoch=epoch).parent
    load_model(session.model, folder)
    session.clock.step = epoch * session.clock.steps_per_epoch
    points = Points.of(session)
    return Moment(
        run.record,
        session,
        keys={"epoch": epoch},
        step=session.clock.step,
        digest=None,
        points=points,
    )


@pytest.fixture(scope="session")
def moments(tmp_path_factory) -> Callable[..., Moment]:
    """Return the moment of a model at an epoch; runs are trained when first asked for."""
    folder, runs = tmp_path_factory.mktemp("runs"), {}

    def moment(model: str, epoch: int = 3, *, vectors: bool = False) -> Moment:
        data = VECTORS if vectors else None
        if (model, vectors) not in runs:
            runs[model, vectors] = fit(
                {
                    "name": f"tiny-{model}",
                    "data": {} if vectors else {"dataset": "digits", "limit": 120},
                    "model": MODELS[model],
                    "schedule": {"epochs": 3},
                    "training": {"batch_size": 32},
                    "analysis": ANALYSIS,
                },
                data,
                runs_dir=folder,
            )
        return at(runs[model, vectors], epoch, data)

    return moment


def made(moment, kind, **keys):
    """Make a kind; returns payload, picture (or None) and the keys of its name."""
    products = {
        name: (named, content) for name, named, content, _ in MAKERS[kind].make(moment, keys)
    }
    named, payload = products[kind]
    picture = products.get(f"{kind}_image")
    if picture is None:
        return payload, None, named
    assert picture[0] == named
    return payload, np.asarray(Image.open(io.BytesIO(picture[1]))), named


def tiles(payload, picture):
    """Cut a picture into the images that its layout tells of, [m, H, W]."""
    layout = payload["layout"]
    height, width = layout["tile"]["height"], layout["tile"]["width"]
    assert picture.shape == (
        layout["rows"] * (height + layout["gap"]) - layout["gap"],
        layout["columns"] * (width + layout["gap"]) - layout["gap"],
    )
    places = (divmod(number, layout["columns"]) for number in range(payload["m"]))
    return np.stack(
        [
            picture[row * (height + layout["gap"]) :, column * (width + layout["gap"]) :][
                :height, :width
            ]
            for row, column in places
        ]
    )


def model_says(moment, z):
    """Decode latents one by one with the model itself, as gray bytes [m, H, W]."""
    model = moment.session.model.eval()
    rows = torch.as_tensor(np.asarray(z)).split(1)
    one_sample = moment.session.config.model.kind == "vae"
    with torch.no_grad():
        images = [
            model.decode(row[:, None]).x_hat[0, 0, 0]
            if one_sample
            else model.decode(row).x_hat[0, 0]
            for row in rows
        ]
    return np.rint(torch.stack(images).clamp(0, 1).numpy() * 255)


def codes(moment, *indices):
    """Encode examples with the model itself."""
    inputs = moment.session.dataset.examples(torch.tensor(indices)).inputs
    with torch.no_grad():
        said = moment.session.model.eval().encode(inputs)
    return (said.mu if hasattr(said, "mu") else said.z).numpy()


def stand_in(moment, monkeypatch, *, payloads=None, umap=None):
    """Let a moment read grids, and a UMAP map, that the test wrote by hand."""
    read, drawn, payloads = moment.read, moment.map, payloads or {}
    monkeypatch.setattr(moment, "read", lambda kind: payloads.get(kind) or read(kind))
    monkeypatch.setattr(moment, "map", lambda method: umap if method == "umap" else drawn(method))
    return moment


def scattered(moment):
    """Return a UMAP map of a moment's points, drawn at random places."""
    coords = np.random.default_rng(3).normal(size=(len(moment.latents["z"]), 2)) * [5.0, 1.0]
    return UmapMap(
        dataset_idx=moment.latents["dataset_idx"],
        coords=coords.astype(np.float32),
        parameters={},
        bounds=bounds_of(coords, "umap"),
        quality={},
    )


def plane_of(moment, method, drawn):
    """Return the payloads of the grids over a map, as they are read from JSON."""
    grids = plane_payloads(moment.latents, drawn, method=method, grid_side=16, k=5)
    return {kind: loads(dumps(payload)) for kind, payload, _ in grids}
