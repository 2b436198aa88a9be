"""Take the README's pictures: a finished demo run, every screen, dark and light.

Usage: screenshots.py   Writes docs/images/<screen>-<scheme>.png; takes about four minutes, most of
them for the 31 runs of the sweep.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from setup_browser import find_browser

from latelier.config.sweeps import load_sweep
from latelier.lab.demo import unpack_sample
from latelier.lab.launch import fit
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.variants import create_sweep

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images"
SWEEP = "color/regularizers"
PRESETS = ("library/digits-vae", "lab/digits-gmvae", "lab/mnist5k-gmvae")


def main() -> None:
    """Train what is shown, serve it, and take the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        unpack_sample(Path(folder))
        sweep = create_sweep(load_sweep(SWEEP, ["analysis.pictures=false"]), Path(folder))
        carry_out_sweep(sweep, executor="ensemble")
        for preset in PRESETS:
            run = fit(preset, runs_dir=folder)
        command = [sys.executable, "-m", "latelier", "serve", folder, "--no-open", "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            point = run.config["analysis"]["indices"][700]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=find_browser(), args=["--no-sandbox", "--disable-quic"]
                )
                for scheme in ("dark", "light"):
                    screens = {
                        "launch": "/",
                        "runs": "/runs",
                        "run": f"/runs/{run.id}",
                        "latent": f"/runs/{run.id}/latent?focus={point}&k=12&overlays=density",
                        "sweep": f"/sweeps/{sweep.id}",
                    }
                    take(browser, address, scheme, screens)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=10)


def take(browser: Browser, address: str, scheme: str, screens: dict[str, str]) -> None:
    """Take the pictures of one color scheme: name → path."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(address)
    origin = address.split("/?", maxsplit=1)[0]
    for name, path in screens.items():
        page.goto(origin + path)
        # Samples around a point are made on request: the worker that decodes them starts first.
        page.wait_for_timeout(9000 if "focus" in path else 4000)
        page.screenshot(path=TARGET / f"{name}-{scheme}.png")
        print(f"{name}-{scheme}.png")
    context.close()


if __name__ == "__main__":
    main()
