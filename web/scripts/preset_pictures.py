"""Draw the pictures of the launch page: the map that each preset leads to, out of a real run of it.

    python web/scripts/preset_pictures.py RUNS_DIR

Trains every preset into RUNS_DIR (runs that are there already are used) and writes
`web/public/presets/<preset>.png`: transparent, in the page's class colors, for both themes. The
presets on whole MNIST are drawn from the 5,000 images that come along; a preset that needs other
downloads is left out, and the page shows its model's name instead.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw

from latelier.config import load_config, presets
from latelier.lab.launch import fit
from latelier.runs import RunStore

SIDE, SCALE = 144, 4
COLORS = (
    *("5b9be0", "e8853a", "36a878", "d0609f", "b3a12c"),
    *("8f77e0", "2fadbb", "d04f48", "8793a0", "9a6a37"),
)
INSTEAD = {
    "lab/mnist-gmvae": ["data.dataset=mnist-5k", "schedule.epochs=50", "model.warmup_epochs=35"],
    "lab/mnist-supervised-ae": ["data.dataset=mnist-5k", "schedule.epochs=12"],
}
ALWAYS = ["analysis.pictures=false", "training.checkpoints.keep_last=1"]


def draw(path: Path, target: Path) -> None:
    """Draw one map as a small picture."""
    points = json.loads(path.read_text(encoding="utf-8"))
    xy, labels = points["coords"], points["label"] or [0] * len(points["coords"])
    xs, ys = sorted(x for x, _ in xy), sorted(y for _, y in xy)
    cut = len(xy) // 200
    low, high = (xs[cut], ys[cut]), (xs[-1 - cut], ys[-1 - cut])
    span = max(high[0] - low[0], high[1] - low[1]) or 1.0
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    size, inner = SIDE * SCALE, SIDE * SCALE * 0.9
    image = Image.new("RGBA", (size, size))
    pen = ImageDraw.Draw(image)
    for (x, y), label in zip(xy, labels, strict=True):
        left = size / 2 + (x - middle[0]) / span * inner
        top = size / 2 - (y - middle[1]) / span * inner
        box = (left - 4, top - 4, left + 4, top + 4)
        pen.ellipse(box, fill=f"#{COLORS[int(label) % len(COLORS)]}d0")
    small = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    small.quantize(64, method=Image.Quantize.FASTOCTREE).save(target, optimize=True)


def _is_here(preset: str) -> bool:
    """Whether a preset's data comes along with the package."""
    return load_config(preset).data.dataset in {"digits", "mnist-5k"}


def main() -> None:
    """Make every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs_dir", type=Path)
    options = parser.parse_args()
    folder = Path(__file__).parents[1] / "public" / "presets"
    known = {s.name: s.run_id for s in RunStore(options.runs_dir).list() if s.state == "completed"}
    small = [each for each in presets() if each.name in INSTEAD or _is_here(each.name)]
    for preset in sorted(small, key=lambda each: each.name in INSTEAD):
        name = str(load_config(preset.name).name)
        name = f"{name} ({preset.name})" if preset.name in INSTEAD else name
        if name not in known:
            overrides = [f"name={name}", *ALWAYS, *INSTEAD.get(preset.name, [])]
            known[name] = fit(preset.name, runs_dir=options.runs_dir, overrides=overrides).id
        record = RunStore(options.runs_dir).open(known[name])
        path = record.path_of("latent_2d_pca", epoch=record.epochs("latent_2d_pca")[-1])
        draw(path, folder / f"{preset.name.rpartition('/')[2]}.png")


if __name__ == "__main__":
    main()
