"""What a link or a form says is true: epochs, colors, names of presets and of labels."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from watching import TINY, api, wait_for_map

from latelier.runs import RunStore


def test_a_changed_preset_says_so_and_keeps_no_name_that_is_not_true(visit):
    seen = visit()
    page = seen.page
    name = page.get_by_label("Name", exact=True)
    expect(name).not_to_have_value("")
    first = name.input_value()
    expect(page.get_by_text("modified", exact=True)).to_have_count(0)
    page.get_by_label("Data set").first.select_option("digits")
    expect(page.locator("button[aria-pressed=true]").get_by_text("modified")).to_be_visible()
    expect(name).to_have_value("")
    page.get_by_label("Data set").first.select_option("mnist-5k")
    expect(name).to_have_value(first)
    expect(page.get_by_text("modified", exact=True)).to_have_count(0)
    name.fill("mine")
    page.get_by_label("Kind").first.select_option("vae")
    expect(name).to_have_value("mine")
    # Every card has a picture, or a drawing that stands for it; none is missing.
    cards = page.locator("aside[aria-label=Presets] li")
    for card in cards.all():
        card.scroll_into_view_if_needed()
        expect(card.locator("img, svg")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    broken = "all => all.filter(one => one.complete && one.naturalWidth === 0).length"
    assert cards.locator("img").evaluate_all(broken) == 0
    seen.check()


def test_an_epoch_beyond_the_run_is_told_and_not_shown_as_nothing(visit, finished):
    seen = visit()
    page = seen.open(f"/runs/{finished}/latent?epoch=999")
    wait_for_map(page, 6)
    expect(page.get_by_text(re.compile("There is no epoch 999"))).to_be_visible()
    page.wait_for_url(re.compile(r"latent$"))
    seen.check()


def test_a_color_in_the_link_is_kept_until_its_artifact_is_there(visit, finished):
    seen = visit()
    held, free = [], []

    def hold(route) -> None:
        route.continue_() if free else held.append(route)

    seen.page.route("**/artifacts/anatomy*", hold)
    page = seen.open(f"/runs/{finished}/latent?color=component")
    wait_for_map(page, 6)
    expect(page.get_by_role("combobox", name="Color by")).to_have_value("component")
    assert "color=component" in page.url
    free.append(True)
    for route in held:
        route.continue_()
    expect(page.get_by_text("c0", exact=True).first).to_be_visible()
    seen.check()


def test_names_of_labels_are_those_of_the_run(server, visit, twin):
    run_id = twin("name")
    path = server.runs / run_id / "events.jsonl"
    numbers = RunStore(server.runs).open(run_id)
    started = next(event for event in numbers.events() if event.type == "run.started")
    assert started.data["data"]["label_names"][3] == "3"
    path.write_text(path.read_text().replace('"3"', '"three"', 1))
    seen = visit()
    page = seen.open(f"/runs/{run_id}/latent")
    wait_for_map(page, 6)
    legend = page.locator("ul[aria-label='Classes by label']")
    expect(legend.get_by_text("three", exact=True)).to_be_visible()
    status, detail = api(page, "GET", f"/api/runs/{run_id}")
    assert (status, detail["label_names"][3]) == (200, "three")
    seen.check()


def test_the_latent_page_says_how_long_it_takes_and_can_stop_it(server, visit):
    seen = visit()
    config = {**TINY, "name": "stopped from the map", "schedule": {"epochs": 3000}}
    status, answer = api(seen.page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201
    page = seen.open(f"/runs/{answer['run_id']}/latent")
    header = page.locator("header").first
    expect(header.get_by_text(re.compile(r"Epoch \d+ of 3,000 · .*left"))).to_be_visible(
        timeout=30_000
    )
    expect(header.get_by_role("button", name=re.compile("^Fork from"))).to_be_enabled()
    header.get_by_role("button", name="Cancel").click()
    expect(header.get_by_role("button", name="Resume")).to_be_visible(timeout=30_000)
    assert RunStore(server.runs).open(answer["run_id"]).summary().state == "cancelled"
    seen.check()
