"""Record the small run that comes with the package: `src/latelier/lab/samples/ten-digits.zip`.

The page shows it within a second of the first `latelier demo`, while the user's own run starts.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

from latelier.lab.launch import fit

TARGET = Path(__file__).resolve().parent.parent / "src/latelier/lab/samples/ten-digits.zip"
LIMIT = 3 * 2**20
OVERRIDES = [
    "name=Ten digits, recorded",
    "notes='A recorded run that comes with Latelier: scrub it while your own run starts.'",
    "schedule.epochs=24",
    "model.warmup_epochs=18",
    "schedule.lr=3e-3",
    "objective.entropy_bonus_epochs=6",
    "training.checkpoints.every_epochs=24",
    "training.checkpoints.keep_last=1",
    "analysis.points=220",
    "analysis.neighbors=8",
    "analysis.pictures=false",
]
EPOCH = (2026, 11, 21, 0, 0, 0)


def main() -> None:
    """Train, pack without the weights, and check the size."""
    with tempfile.TemporaryDirectory() as folder:
        run = fit("lab/mnist5k-gmvae", runs_dir=folder, overrides=OVERRIDES)
        TARGET.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, _ in run.record.files():
                if not name.startswith("checkpoints/") and name not in {"owner.lock", "owner.json"}:
                    info = zipfile.ZipInfo(f"{run.id}/{name}", EPOCH)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, (run.path / name).read_bytes())
    size = TARGET.stat().st_size
    print(f"{TARGET.name}: {size / 2**20:.2f} MB")
    if size > LIMIT:
        sys.exit(f"the recorded run is {size} bytes, at most {LIMIT} are allowed")


if __name__ == "__main__":
    main()
