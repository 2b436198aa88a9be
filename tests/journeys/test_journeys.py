"""What a person does with the page: start, watch, stop, go on, look back."""

from __future__ import annotations

import json
import re
import shutil
import time

import pytest
from playwright.sync_api import expect

from latelier.lab.launch import fit
from latelier.runs import RunStore

RUN_URL = re.compile(r"/runs/\d{8}-")
TINY = {
    "name": "tiny",
    "data": {"dataset": "digits", "limit": 300},
    "model": {
        "kind": "gmvae",
        "latent_dim": 4,
        "components": 5,
        "warmup_epochs": 3,
        "net": {"kind": "mlp", "hidden": [16]},
    },
    "schedule": {"epochs": 6},
    "training": {"batch_size": 64},
    "analysis": {"points": 120, "neighbors": 6, "reconstructions": 8, "pictures": False},
}


@pytest.fixture(scope="module")
def finished(server) -> str:
    """A finished run in the server's folder."""
    return fit(TINY, runs_dir=server.runs).id


def map_epoch(page) -> int | None:
    """Epoch of the points that the map shows now."""
    text = page.evaluate("document.querySelector('[data-map]')?.dataset.epoch ?? null")
    return None if text is None else int(text)


def wait_for_epoch(page, least: int, seconds: float = 60) -> None:
    """Wait until the page stands at an epoch or a later one."""
    read = "Number(document.querySelector('[data-epoch]')?.dataset.epoch ?? -1)"
    until = time.monotonic() + seconds
    while page.evaluate(read) < least:
        assert time.monotonic() < until, f"the page did not reach epoch {least}"
        page.wait_for_timeout(30)


def wait_for_map(page, epoch: int, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while map_epoch(page) != epoch:
        assert time.monotonic() < until, f"the map shows {map_epoch(page)}, not {epoch}"
        page.wait_for_timeout(50)


def api(page, method: str, path: str, body: object = None) -> object:
    """Call the API as the page does."""
    return page.evaluate(
        """async ([method, path, body]) => {
          const options = {method, headers: {"content-type": "application/json"}};
          if (body !== null) options.body = JSON.stringify(body);
          const answer = await fetch(path, options);
          return [answer.status, await answer.json().catch(() => null)];
        }""",
        [method, path, body],
    )


def test_launch_watch_cancel_resume_scrub_reload(server, visit):
    seen = visit(script=None)
    seen.expected = ("status of 422",)
    page = seen.page
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    assert "token" not in page.url

    # A newcomer changes model, β, data and size; a wrong value is told at its field.
    page.get_by_label("Data set").first.select_option("digits")
    page.get_by_label("Kind").first.select_option("vae")
    page.get_by_label("β", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).fill("90")
    page.get_by_label("Latent dimensions").fill("0")
    page.get_by_role("button", name="Start training").click()
    expect(
        page.get_by_text(re.compile("greater than or equal to 1|at least 1|1 or more"))
    ).to_be_visible()
    page.get_by_label("Latent dimensions").fill("5")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(RUN_URL)
    run_id = page.url.split("/runs/")[1].split("/")[0].split("?")[0]
    record = RunStore(server.runs).open(run_id)
    config = record.config()
    assert (config["model"]["kind"], config["model"]["latent_dim"]) == ("vae", 5)
    assert (config["objective"]["beta"], config["data"]["dataset"]) == (2, "digits")

    # It moves without a reload.
    wait_for_epoch(page, 2)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Canceled").first).to_be_visible(timeout=30_000)
    stopped_at = record.summary().step
    assert 0 < stopped_at < record.summary().total_steps
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Done").first).to_be_visible(timeout=90_000)
    assert record.summary().state == "completed"

    # One scrubber moves everything; the link keeps where it stands.
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector('[data-epoch="88"]')
    page.wait_for_url(re.compile("epoch=88"))
    expect(page.get_by_text("epoch 88").first).to_be_visible()
    page.reload()
    page.wait_for_selector('[data-epoch="88"]')
    seen.check()


def test_the_map_glides_while_training_runs(server, visit):
    seen = visit()
    page = seen.page
    # Large batches of a wider network: an epoch takes a fraction of a second, not milliseconds.
    config = {
        **TINY,
        "name": "gliding",
        "data": {"dataset": "mnist-5k", "limit": 2000},
        "model": {**TINY["model"], "net": {"kind": "mlp", "hidden": [512, 256]}},
        "schedule": {"epochs": 14},
    }
    status, answer = api(page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201
    page = seen.open(f"/runs/{answer['run_id']}/latent")
    epochs: list[int] = []
    until = time.monotonic() + 60
    while (not epochs or epochs[-1] < 14) and time.monotonic() < until:
        epoch = map_epoch(page)
        if epoch is not None and (not epochs or epochs[-1] != epoch):
            epochs.append(epoch)
        page.wait_for_timeout(20)
    assert epochs == sorted(epochs)
    assert len(epochs) >= 10, epochs
    assert epochs[-1] == 14
    seen.check()


def test_the_map_scrubs_and_focuses(server, finished, visit):
    seen = visit()
    page = seen.open(f"/runs/{finished}/latent")
    wait_for_map(page, 6)
    page.keyboard.press("ArrowLeft")
    wait_for_map(page, 5)
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    index = RunStore(server.runs).open(finished).config()["analysis"]["indices"][7]
    search = page.get_by_placeholder(re.compile("Find"))
    search.fill(str(index))
    search.press("Enter")
    expect(page.get_by_text(f"Point {index}")).to_be_visible()
    expect(page.get_by_text("Nearest in latent space").first).to_be_visible()
    page.wait_for_url(re.compile(rf"={index}\b"))
    page.get_by_text("3-D", exact=True).click()
    page.wait_for_timeout(300)
    assert map_epoch(page) == 5
    seen.check()


def test_the_server_may_go_and_come_back(server, visit, finished):
    seen = visit()
    seen.expected = ("ERR_CONNECTION_REFUSED", "net::ERR", "Failed to fetch")
    page = seen.page
    config = {**TINY, "name": "interrupted view", "schedule": {"epochs": 120}}
    status, answer = api(page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201
    run_id = answer["run_id"]
    page = seen.open(f"/runs/{run_id}")
    wait_for_epoch(page, 1)
    server.stop()
    page.wait_for_selector('[data-connection]:not([data-connection="connected"])', timeout=20_000)
    server.start()
    page.wait_for_selector('[data-connection="connected"]', timeout=40_000)
    expect(page.get_by_text("Done").first).to_be_visible(timeout=90_000)
    page.wait_for_selector('[data-epoch="120"]')
    events = list(RunStore(server.runs).open(run_id).events())
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    ends = [e for e in events if e.type == "train.metrics" and "val/loss" in e.data]
    shown = page.get_by_text(re.compile(r"^Validation loss ")).count()
    assert shown <= len(ends)
    assert shown >= min(len(ends), 10)
    seen.check()


def test_a_run_deleted_while_open_is_told(server, visit):
    run_id = fit({**TINY, "schedule": {"epochs": 4}}, runs_dir=server.runs).id
    seen = visit()
    seen.expected = ("status of 404", "status of 410")
    page = seen.open(f"/runs/{run_id}")
    page.wait_for_selector('[data-epoch="4"]')
    status, _ = api(page, "DELETE", f"/api/runs/{run_id}")
    assert status in {200, 204}
    expect(page.get_by_text(re.compile("deleted|trash", re.IGNORECASE)).first).to_be_visible(
        timeout=20_000
    )
    seen.check()


def test_damaged_and_missing_artifacts_are_told(server, visit, finished):
    broken = f"{finished[:-4]}brkn"
    shutil.copytree(server.runs / finished, server.runs / broken)
    summary = json.loads((server.runs / broken / "summary.json").read_text())
    (server.runs / broken / "summary.json").write_text(json.dumps({**summary, "run_id": broken}))
    (server.runs / broken / "projections/latent_2d_epoch_6.json").write_text("{ torn")
    (server.runs / broken / "reconstructions/recon_epoch_6.json").unlink()
    seen = visit()
    seen.expected = ("status of 404", "status of 5")
    page = seen.open(f"/runs/{broken}/latent")
    expect(
        page.get_by_text(re.compile("damaged|cannot be read|could not be read")).first
    ).to_be_visible(timeout=20_000)
    page.keyboard.press("ArrowLeft")
    wait_for_map(page, 5)
    seen.check()


def test_without_webgl_the_map_says_why_and_is_drawn(visit, finished):
    no_webgl = """
      const real = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind.startsWith("webgl") ? null : real.call(this, kind, ...rest);
      };
    """
    seen = visit(script=no_webgl)
    page = seen.open(f"/runs/{finished}/latent")
    wait_for_map(page, 6)
    expect(page.get_by_text(re.compile("WebGL")).first).to_be_visible()
    seen.check()


def test_the_list_sorts_filters_renames_deletes_and_restores(server, visit, finished):
    doomed = fit(
        {**TINY, "name": "to be deleted", "schedule": {"epochs": 4}}, runs_dir=server.runs
    ).id
    seen = visit(scheme="light")
    page = seen.open("/runs")
    expect(page.get_by_text("to be deleted")).to_be_visible()
    page.get_by_placeholder(re.compile("Filter")).fill("to be d.*ed$")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody tr").first.hover()
    page.locator("tbody tr >> nth=0 >> button[aria-label^='Delete']").click()
    page.locator("dialog >> button:has-text('Delete')").click()
    expect(page.locator("tbody").get_by_text("to be deleted")).to_have_count(0)
    assert doomed not in RunStore(server.runs).ids()
    page.get_by_role("button", name="Trash").click()
    page.locator("dialog li", has_text="to be deleted").get_by_text("Restore").click()
    expect(page.locator("tbody").get_by_text("to be deleted")).to_be_visible()
    assert doomed in RunStore(server.runs).ids()
    seen.check()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_route_is_reachable_and_clean(visit, finished, scheme):
    seen = visit(scheme=scheme)
    for path in ("/", "/runs", f"/runs/{finished}", f"/runs/{finished}/latent"):
        page = seen.open(path)
        expect(page.get_by_text("Latelier").first).to_be_visible()
        page.wait_for_load_state("networkidle") if path == "/" else page.wait_for_timeout(300)
        colors = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert colors == ("rgb(14, 16, 19)" if scheme == "dark" else "rgb(251, 251, 250)")
    seen.check()
