"""The page against a real server: from click to map, from event to page, and scrubbing.

Usage: python benchmarks/page.py [--json]   Needs `make browser` and `make page`.

Three figures, of one run each in one session, with WebGL in software where there is no GPU:
* seconds from the click on "Start training" (default preset) to the map of epoch 0 on screen: in a
  server that has just started (goal 6 s), and in one that has had time to warm up (goal 3 s);
* how much later than its time stamp an event is on the page, 95th percentile (goal 250 ms);
* main-thread time per frame while 50 epochs of 2,000 points are scrubbed, the first time (files are
  fetched and read) and again (goal 8 ms).
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
  let frames = 0, on = true;
  const count = () => { frames += 1; if (on) requestAnimationFrame(count); };
  requestAnimationFrame(count);
  for (let epoch = 3; epoch <= 53; epoch++) {
    set.call(range, String(epoch));
    range.dispatchEvent(new Event("input", {bubbles: true}));
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  on = false;
  return frames;
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
    page.get_by_text("Ten digits, unlabelled").first.click()
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


def scrub(browser: Browser, server: Server, run_id: str) -> list[float]:
    """Main-thread milliseconds per frame while every epoch is passed: the first time, and again."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(server.address)
    page.goto(f"{server.origin}/runs/{run_id}/latent?epoch=3")
    page.wait_for_selector("[data-map][data-ready=true]", timeout=30_000)
    page.wait_for_timeout(4000)
    session = page.context.new_cdp_session(page)
    session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    session.send("Performance.enable")

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    passes = []
    for _ in range(2):
        before = busy()
        frames = page.evaluate(_SCRUB)
        passes.append(1000 * (busy() - before) / frames)
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
        "scrub_first_ms_per_frame": first,
        "scrub_again_ms_per_frame": again,
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
