"""Draw the thumbnails of the launch page: the map that each preset ends with.

Usage: preset_pictures.py [--data-root DIR]   Presets whose data is not there are left as they are.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from latelier.config import LatelierError, presets
from latelier.lab.launch import fit
from latelier.lab.pictures import theme
from latelier.lab.run import Run

TARGET = Path(__file__).resolve().parent.parent / "web/public/presets"
SIDE = 144
SHORTER = {"mnist-gmvae": 6, "mnist-supervised-ae": 4, "cifar10-vae": 4}


def draw(run: Run) -> bytes:
    """A square picture of the last map, on a ground that fits dark and light pages."""
    payload = run.record.read_json("latent_2d_pca", epoch="latest")
    coords = np.array(payload["coords"])
    labels = np.array(payload["label"] or np.zeros(len(coords), int))
    palette = theme.class_colors(int(labels.max()) + 1)
    figure = Figure(figsize=(1, 1), dpi=SIDE * 2, facecolor="none")
    FigureCanvasAgg(figure)
    area = figure.add_axes((0.04, 0.04, 0.92, 0.92))
    area.set_axis_off()
    low, high = np.quantile(coords, [0.005, 0.995], axis=0)
    center, half = (low + high) / 2, float((high - low).max()) / 2
    area.set_xlim(center[0] - half, center[0] + half)
    area.set_ylim(center[1] - half, center[1] + half)
    colors = [palette[label] for label in labels]
    area.scatter(coords[:, 0], coords[:, 1], s=0.9, c=colors, linewidths=0, alpha=0.85)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", transparent=True)
    image = Image.open(buffer).convert("RGBA").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    image.quantize(96).save(small, format="PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    """Train every preset whose data is there, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root")
    asked = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    for preset in presets():
        short = preset.name.rpartition("/")[2]
        overrides = [] if asked.data_root is None else [f"data.root={asked.data_root}"]
        if short in SHORTER:
            overrides.append(f"schedule.epochs={SHORTER[short]}")
            overrides += ["model.warmup_epochs=4"] if "gmvae" in short else []
        with tempfile.TemporaryDirectory() as folder:
            try:
                run = fit(preset.name, runs_dir=folder, overrides=overrides)
            except LatelierError as error:
                print(f"{preset.name}: left out: {error}")
                continue
            (TARGET / f"{short}.png").write_bytes(draw(run))
            print(f"{preset.name}: drawn")


if __name__ == "__main__":
    main()
