"""The wall of a sweep in the page: work of the main thread while all its maps are scrubbed.

Usage: python benchmarks/wall_page.py [--json]   Needs `make browser` and `make page`.

A sweep of all 31 subsets of the color autoencoder's regularizers is trained as one ensemble; then
its wall, 31 maps of 512 points, is scrubbed through all its steps, one every second frame: the
first time, when pictures are fetched and read, and again (goal: 8 ms of work a frame). "work" and
"busy" are those of `benchmarks/page.py`; "draw" is the part of the wall's own drawing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from latelier.config.sweeps import load_sweep
from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.variants import create_sweep
from latelier.runs.sweeps import SweepRecord

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from page import MainThread, Server
from setup_browser import find_browser

_SCRUB = """async steps => {
  const range = document.querySelector("footer input[type=range]");
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const stage = document.querySelector("[data-wall]").wallStage;
  const drawn = stage.work.length;
  let on = true;
  const times = [];
  const count = now => { times.push(now); if (on) requestAnimationFrame(count); };
  requestAnimationFrame(count);
  for (const step of steps) {
    set.call(range, String(step));
    range.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  on = false;
  const draw = stage.work.slice(drawn).reduce((sum, one) => sum + one, 0);
  return {frames: times.slice(1).map((time, at) => time - times[at]), draw};
}"""


def train(folder: str) -> SweepRecord:
    """All 31 subsets, squeezed into 201 steps, with a map every 10."""
    loaded = load_sweep("color/quick", ["analysis.pictures=false"])
    record = create_sweep(loaded, folder, executor="ensemble")
    carry_out_sweep(record)
    return record


def scrub(browser: Browser, server: Server, record: SweepRecord) -> list[dict[str, float]]:
    """Milliseconds per frame while every step is passed: the first time, and again."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.address)
    page.goto(f"{server.origin}/sweeps/{record.id}?step=0")
    page.wait_for_selector("[data-wall][data-ready=true]", timeout=30_000, state="attached")
    thread = MainThread(page)
    passes = []
    for _ in range(2):
        work, busy = thread.work(), thread.busy()
        told = page.evaluate(_SCRUB, record.wall_steps())
        frames = told["frames"]
        passes.append(
            {
                "work_ms_per_frame": 1000 * (thread.work() - work) / len(frames),
                "busy_ms_per_frame": 1000 * (thread.busy() - busy) / len(frames),
                "draw_ms_per_frame": told["draw"] / len(frames),
                "frame_p95_ms": sorted(frames)[int(0.95 * (len(frames) - 1))],
            }
        )
        page.wait_for_timeout(3000)
    page.close()
    return passes


def measure() -> dict[str, float]:
    """Take every figure."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        record = train(folder)
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        with Server(folder) as server:
            first, again = scrub(browser, server, record)
        browser.close()
        maps = len(record.read().variants)
    return {
        "maps": float(maps),
        **{f"scrub_first_{name}": value for name, value in first.items()},
        **{f"scrub_again_{name}": value for name, value in again.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    figures = measure()
    if asked.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:34}{value:10.2f}")


if __name__ == "__main__":
    main()
