"""What a person does with the page: start, watch, stop, go on, look back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from watching import RUN_URL, TINY, api, map_epoch, wait_for_epoch, wait_for_map

from latelier.runs import RunStore

_NOTE_EPOCHS = """last => new Promise(done => {
  const map = document.querySelector("[data-map]"), seen = [];
  const note = () => {
    const epoch = Number(map.dataset.epoch ?? -1);
    if (epoch >= 0 && epoch !== seen.at(-1)) seen.push(epoch);
    if (epoch === last) done(seen);
  };
  new MutationObserver(note).observe(map, {attributes: true, attributeFilter: ["data-epoch"]});
  note();
  setTimeout(() => done(seen), 60000);
})"""


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
    page.get_by_label("Limit", exact=True).fill("400")
    page.get_by_label("Epochs", exact=True).fill("40")
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
    page.wait_for_selector('[data-epoch="38"]')
    page.wait_for_url(re.compile("epoch=38"))
    expect(page.get_by_text("epoch 38").first).to_be_visible()
    page.reload()
    page.wait_for_selector('[data-epoch="38"]')
    seen.check()


@pytest.mark.slow
def test_the_map_glides_while_training_runs(server, visit):
    seen = visit()
    page = seen.page
    # A wider network: an epoch takes a fraction of a second, not milliseconds.
    config = {
        **TINY,
        "name": "gliding",
        "data": {"dataset": "mnist-5k", "limit": 1000},
        "model": {**TINY["model"], "net": {"kind": "mlp", "hidden": [256]}},
        "analysis": {**TINY["analysis"], "full_set": "off"},
        "schedule": {"epochs": 12},
    }
    status, answer = api(page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201
    page = seen.open(f"/runs/{answer['run_id']}/latent")
    page.wait_for_selector("[data-map]")
    epochs = page.evaluate(_NOTE_EPOCHS, 12)
    assert epochs == sorted(epochs)
    assert len(set(epochs)) >= 10, epochs
    assert epochs[-1] == 12
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


def test_a_run_deleted_while_open_is_told(visit, twin):
    run_id = twin("gone")
    seen = visit()
    seen.expected = ("status of 404", "status of 410")
    page = seen.open(f"/runs/{run_id}")
    page.wait_for_selector('[data-epoch="6"]')
    status, _ = api(page, "DELETE", f"/api/runs/{run_id}")
    assert status in {200, 204}
    expect(page.get_by_text(re.compile("deleted|trash", re.IGNORECASE)).first).to_be_visible(
        timeout=20_000
    )
    seen.check()


def test_damaged_and_missing_artifacts_are_told(server, visit, twin):
    broken = twin("brkn")
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


def test_the_list_sorts_filters_renames_deletes_and_restores(server, visit, twin):
    doomed = twin("doom", name="to be deleted")
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
