"""The page against a real server: from click to map, from event to page, and scrubbing.

Usage: python benchmarks/page.py [--json]   Needs `make browser` and `make page`.

Three figures, of one run each in one session, with WebGL in software where there is no GPU:
* seconds from the click on "Start training" (default preset) to the map of epoch 0 on screen: in a
  server that has just started (goal 6 s), and in one that has had time to warm up (goal 3 s);
* how much later than its time stamp an event is on the page, 95th percentile (goal 250 ms);
* work of the main thread per frame while 50 epochs of 2,000 points are scrubbed, an epoch every
  second frame: the first time, when files are fetched and read, and again (goal 8 ms). "work" is
  processor time of the page's main thread: scripts, layout, painting, handing over the canvases.
  "busy" is the wall time of the same tasks: without a GPU it also holds the wait for the map, which
  Chromium then draws in software in another process and reads back, and the time taken by others.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from latelier.lab.launch import fit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from setup_browser import find_browser

_SCRUB = """async () => {
  const range = document.querySelector("footer input[type=range]");
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  let on = true;
  const times = [];
  const count = now => { times.push(now); if (on) requestAnimationFrame(count); };
  requestAnimationFrame(count);
  for (let epoch = 3; epoch <= 53; epoch++) {
    set.call(range, String(epoch));
    range.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  on = false;
  return times.slice(1).map((time, at) => time - times[at]);
}"""
_DELAYS = """() => new Promise(done => {
  const delays = [], source = new EventSource("/api/events?runs=RUN");
  const heard = message => {
    const event = JSON.parse(message.data);
    const age = Date.now() - Date.parse(event.time);
    if (age < 5000) delays.push(age);
    if (event.type === "run.completed") { source.close(); done(delays); }
  };
  source.onmessage = heard;
  for (const type of TYPES) source.addEventListener(type, heard);
  setTimeout(() => { source.close(); done(delays); }, 60000);
})"""


class Server:
    """`latelier serve` on a folder, for a while."""

    def __init__(self, folder: str) -> None:
        command = [sys.executable, "-m", "latelier", "serve", folder, "--no-open", "--port", "0"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload]
        self.address = self.process.stdout.readline().strip()
        self.origin = self.address.split("/?", 1)[0]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def click_to_map(browser: Browser, server: Server) -> float:
    """Seconds from the click to the first points on the map."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.address)
    page.get_by_text("Ten digits, unlabeled").first.click()
    started = time.perf_counter()
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/runs/2*")
    page.get_by_role("link", name="Latent").click()
    page.wait_for_selector("[data-map][data-ready=true]", timeout=30_000)
    seconds = time.perf_counter() - started
    cancel(page)
    page.close()
    return seconds


def cancel(page: Page) -> None:
    """Stop the run of the page, and wait until it has stopped."""
    run_id = page.url.split("/runs/")[1].split("/")[0].split("?")[0]
    page.evaluate(
        "id => fetch(`/api/runs/${id}/cancel`, {method: 'POST', "
        "headers: {'content-type': 'application/json'}, body: '{}'})",
        run_id,
    )
    page.wait_for_timeout(1500)


def event_delays(browser: Browser, server: Server) -> list[float]:
    """Milliseconds from an event's time stamp to its arrival in the page, of a whole short run."""
    page = browser.new_page()
    page.goto(server.address)
    config = {"data": {"dataset": "mnist-5k"}, "schedule": {"epochs": 6}}
    answer = page.evaluate(
        "config => fetch('/api/runs', {method: 'POST', headers: "
        "{'content-type': 'application/json'}, body: JSON.stringify({config, start: true})})"
        ".then(answer => answer.json())",
        config,
    )
    types = ["train.metrics", "train.progress", "artifact.created", "run.completed"]
    script = _DELAYS.replace("RUN", answer["run_id"]).replace("TYPES", json.dumps(types))
    delays: list[float] = page.evaluate(script)
    page.close()
    return delays


class MainThread:
    """What the main thread of a page has done so far, in seconds."""

    def __init__(self, page: Page) -> None:
        self._page = page.context.new_cdp_session(page)
        self._page.send("Performance.enable")
        browser = page.context.browser
        assert browser is not None
        processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        self._renderers = [
            one["id"] for one in processes["processInfo"] if one["type"] == "renderer"
        ]

    def busy(self) -> float:
        """Wall time of all tasks."""
        metrics = self._page.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    def work(self) -> float:
        """Processor time as Linux counts it, of the busiest page: the one that is open."""
        return max(self._spent(one) for one in self._renderers)

    @staticmethod
    def _spent(process: int) -> float:
        told = Path(f"/proc/{process}/task/{process}/schedstat")
        return int(told.read_text().split()[0]) / 1e9 if told.is_file() else 0.0


def scrub(browser: Browser, server: Server, run_id: str) -> list[dict[str, float]]:
    """Milliseconds per frame while every epoch is passed: the first time, and again."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.address)
    page.goto(f"{server.origin}/runs/{run_id}/latent?epoch=3")
    page.wait_for_selector("[data-map][data-ready=true]", timeout=30_000)
    page.wait_for_timeout(4000)
    thread = MainThread(page)
    passes = []
    for _ in range(2):
        work, busy = thread.work(), thread.busy()
        frames: list[float] = page.evaluate(_SCRUB)
        passes.append(
            {
                "work_ms_per_frame": 1000 * (thread.work() - work) / len(frames),
                "busy_ms_per_frame": 1000 * (thread.busy() - busy) / len(frames),
                "frame_p95_ms": sorted(frames)[int(0.95 * (len(frames) - 1))],
            }
        )
        page.wait_for_timeout(2000)
    page.close()
    return passes


def measure() -> dict[str, float]:
    """Take every figure."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run = fit("lab/mnist5k-gmvae", runs_dir=folder)
        arguments = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        with Server(folder) as server:
            cold = click_to_map(browser, server)
            time.sleep(8)  # the next child is made ready meanwhile
            warm = click_to_map(browser, server)
            delays = event_delays(browser, server)
            first, again = scrub(browser, server, run.id)
        browser.close()
    return {
        "click_to_map_cold_s": cold,
        "click_to_map_warm_s": warm,
        "event_delay_p50_ms": statistics.median(delays),
        "event_delay_p95_ms": sorted(delays)[int(0.95 * (len(delays) - 1))],
        "events": float(len(delays)),
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
