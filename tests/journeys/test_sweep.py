"""The page of sweeps: the list, the wall with one scrubber for all maps, the metric table."""

from __future__ import annotations

import json
import math
import re
import shutil

import pytest
from playwright.sync_api import expect
from sweeping import (
    TWO_TERMS,
    begin_sweep,
    ink,
    picture,
    point_at,
    wait_for_more,
    wait_for_step,
    wait_for_sweep,
)
from typer.testing import CliRunner
from watching import api

from latelier.cli.app import app
from latelier.runs.sweep_store import SweepStore

LAST = 60
TILES = range(3)


@pytest.fixture
def spoiled(server, swept):
    """A copy of the sweep under another id, for a journey that spoils it; its runs are the same."""
    sweep_id = f"{swept[:-4]}copy"
    source = SweepStore(server.runs).open(swept).path
    folder = source.with_name(sweep_id)
    shutil.copytree(source, folder)
    content = json.loads((folder / "sweep.json").read_text())
    (folder / "sweep.json").write_text(json.dumps({**content, "sweep_id": sweep_id}))
    yield sweep_id, folder
    shutil.rmtree(folder)


def test_from_the_list_to_the_wall_to_a_run(visit, swept):
    seen = visit()
    page = seen.open("/runs")
    page.get_by_role("link", name="Sweeps").click()
    row = page.locator("tbody tr").filter(has_text=swept[-4:])
    expect(row).to_contain_text("3 of 3 done")
    row.get_by_role("link", name="two terms").click()
    page.wait_for_url(f"**/sweeps/{swept}")
    wait_for_step(page, LAST)
    expect(page.get_by_text("all 3 maps")).to_be_visible()
    expect(page.get_by_text("Dashed: unit circle")).to_be_visible()
    expect(page.get_by_text(re.compile("^2 terms"))).to_be_visible()
    assert all(ink(page, "under", tile) > 100 for tile in TILES), "the circle is not drawn"
    page.get_by_role("link", name=re.compile("^norm \\+ planar")).click()
    page.wait_for_url("**/runs/2*")
    expect(page.get_by_role("heading", name=re.compile("colors|norm"))).to_be_visible()
    seen.check()


def test_one_scrubber_moves_every_map(visit, swept):
    seen = visit()
    page = seen.open(f"/sweeps/{swept}")
    wait_for_step(page, LAST)
    at_the_end = [picture(page, tile) for tile in TILES]
    numbers = [page.locator(f'[data-number="{tile}"]').inner_text() for tile in TILES]
    assert all(re.fullmatch(r"\d\.\d+", number) for number in numbers), numbers
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, LAST - 10)
    page.keyboard.press("Shift+ArrowLeft")
    wait_for_step(page, 0)
    page.wait_for_url("**step=0")
    for tile, before in enumerate(at_the_end):
        assert picture(page, tile) != before, f"tile {tile} did not change"
    assert [page.locator(f'[data-number="{tile}"]').inner_text() for tile in TILES] != numbers
    page.reload()
    wait_for_step(page, 0)
    scrubber = page.get_by_role("slider", name="Step")
    scrubber.focus()
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 10)
    page.locator("body").click(position={"x": 700, "y": 700})
    page.keyboard.press("f")
    wait_for_step(page, LAST)
    assert [picture(page, tile) for tile in TILES] == at_the_end
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name=re.compile("^Pause"))).to_be_visible()
    wait_for_step(page, LAST)
    expect(page.get_by_role("button", name=re.compile("^Play"))).to_be_visible()
    seen.check()


def test_a_point_is_lit_in_every_map_and_a_lasso_selects_it_everywhere(visit, swept):
    seen = visit()
    page = seen.open(f"/sweeps/{swept}")
    wait_for_step(page, LAST)
    assert [ink(page, "over", tile) for tile in TILES] == [0, 0, 0]
    point_at(page, 1)
    card = page.locator("[data-card]")
    expect(card).to_contain_text(f"#{card.get_attribute('data-card')}")
    expect(card).to_contain_text(re.compile("#[0-9a-f]{6}"))
    at = int(page.locator("[data-wall]").get_attribute("data-lit"))
    _, index = api(page, "GET", f"/api/sweeps/{swept}/wall")
    assert index["points"][0]["dataset_idx"][at] == int(card.get_attribute("data-card"))
    page.wait_for_timeout(200)
    lit = [ink(page, "over", tile) for tile in TILES]
    assert all(40 < one < 400 for one in lit), f"not one ring in each tile: {lit}"
    page.mouse.move(700, 700)
    expect(card).to_have_count(0)
    page.wait_for_timeout(100)
    assert [ink(page, "over", tile) for tile in TILES] == [0, 0, 0]
    before = [picture(page, tile) for tile in TILES]
    box = page.locator('[data-tile="0"] > span').first.bounding_box()
    x, y, r = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] * 0.3
    page.mouse.move(x + r, y)
    page.mouse.down()
    for turn in range(1, 26):
        page.mouse.move(x + r * math.cos(turn / 4), y + r * math.sin(turn / 4))
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"^\d+ points? selected"))).to_be_visible()
    page.mouse.move(700, 700)
    page.wait_for_timeout(200)
    assert all(picture(page, tile) != one for tile, one in enumerate(before))
    assert "/sweeps/" in page.url, "a stroke opened the run"
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile("points? selected"))).to_have_count(0)
    seen.check()


def test_the_metric_table_sorts_and_marks_what_is_best(visit, swept):
    seen = visit()
    page = seen.open(f"/sweeps/{swept}?view=both&metric=val/loss")
    wait_for_step(page, LAST)
    table = page.get_by_role("table", name="Metrics of all variants")
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("[data-best]")).to_have_count(2)
    table.get_by_role("button", name=re.compile("^val.loss")).click()
    rows = table.locator("tbody tr")
    values = [float(rows.nth(at).locator("td").nth(1).get_attribute("title")) for at in TILES]
    assert values == sorted(values)
    expect(rows.first.locator("[data-best]")).not_to_have_count(0)
    page.wait_for_url(re.compile("sort=val%2Floss"))
    # The wall beside it knows the row under the pointer, and the other way round.
    order = [int(rows.nth(at).get_attribute("data-row")) for at in TILES]
    page.locator(f'[data-tile="{order[1]}"]').hover()
    expect(rows.nth(1)).to_have_attribute("data-lit", "true")
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.locator("[data-wall]")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("index,name,run_id,state,epoch,step,regularizers.norm.enabled")
    assert len(lines) == 4
    page.get_by_role("button", name="Wall", exact=True).click()
    wait_for_step(page, LAST)
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert download.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    page.get_by_role("button", name=re.compile("^receipt")).click()
    expect(page.get_by_role("dialog")).to_contain_text(f"sweeps/{swept}/wall/step_{LAST}.json")
    expect(page.get_by_role("dialog")).to_contain_text("SweepStore")
    seen.check()


def test_tiles_are_walked_by_the_arrow_keys_and_enter_opens_the_run(visit, server, swept):
    seen = visit()
    page = seen.open(f"/sweeps/{swept}?step=999&view=nonsense&metric=no")
    wait_for_step(page, LAST)
    expect(page.get_by_text(re.compile("There is no step 999"))).to_be_visible()
    page.locator('[data-tile="0"]').focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-tile="1"]')).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-tile="2"]')).to_be_focused()
    wait_for_step(page, LAST)
    page.wait_for_url(re.compile(r"\?tile=2$"))
    page.keyboard.press("Enter")
    run_id = SweepStore(server.runs).open(swept).read().variants[2].run_id
    page.wait_for_url(f"**/runs/{run_id}*")
    seen.check()


@pytest.mark.slow
def test_a_sweep_is_watched_stopped_and_carried_on(visit, server):
    seen = visit()
    page = seen.page
    long = {**TWO_TERMS, "name": "long", "schedule": {"epochs": 100, "lr": 0.01}}
    sweep_id = begin_sweep(page, long, executor="ensemble", grace=10)
    page = seen.open(f"/sweeps/{sweep_id}")
    expect(page.get_by_text(re.compile("^Live, following"))).to_be_visible()
    first = wait_for_more(page, 0)
    wait_for_more(page, first)
    progress = "document.querySelectorAll('[data-tile] [aria-hidden][style*=scaleX]').length"
    assert page.evaluate(progress) == 3
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile("^Canceled, 0 of 3 done"))).to_be_visible(timeout=30_000)
    expect(page.locator("[data-tile]").first).to_contain_text("Canceled")
    wait_for_sweep(server.runs, sweep_id, "cancelled")
    page.get_by_role("button", name="Resume").click()
    # It goes on without a reload; that it can be stopped again is enough to know.
    expect(page.get_by_role("button", name="Cancel")).to_be_enabled(timeout=60_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_enabled(timeout=30_000)
    seen.check()


def test_what_is_missing_or_damaged_is_told(visit, spoiled):
    sweep_id, folder = spoiled
    (folder / "wall" / "step_30.json").write_text('{"schema_version": 1')
    seen = visit()
    seen.expected = ("status of 404", "status of 500")
    page = seen.open(f"/sweeps/{sweep_id}")
    wait_for_step(page, LAST)
    page = seen.open(f"/sweeps/{sweep_id}?step=30")
    expect(page.get_by_text(re.compile("step 30.*damaged"))).to_be_visible()
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 40)
    page = seen.open("/sweeps/20200101-000000-sweep-none-aaaa")
    expect(page.get_by_text("There is no sweep with this id")).to_be_visible()
    seen.check()


def test_an_empty_list_says_which_command_makes_a_sweep(visit):
    seen = visit()
    seen.page.route("**/api/sweeps", lambda route: route.fulfill(json={"sweeps": []}))
    page = seen.open("/sweeps")
    expect(page.get_by_text("No sweeps yet")).to_be_visible()
    commands = page.locator("main code").all_inner_texts()
    assert len(commands) == 3
    for command in commands:
        asked = CliRunner().invoke(app, [*command.split()[1:], "--dry-run"])
        assert asked.exit_code == 0, asked.output
    seen.check()


def test_a_deleted_sweep_is_brought_back_from_the_trash(visit, spoiled):
    sweep_id, folder = spoiled
    seen = visit()
    page = seen.open("/sweeps")
    row = page.locator("tbody tr").filter(has_text="copy")
    row.hover()
    row.get_by_role("button", name=re.compile("^Delete")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    assert not folder.exists()
    page.get_by_role("button", name="Trash").click()
    entry = page.get_by_role("dialog").locator("li").filter(has_text="3 variants, runs not in")
    entry.get_by_role("button", name=re.compile("^Restore")).click()
    expect(entry).to_have_count(0)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(row).to_have_count(1)
    assert SweepStore(folder.parents[1]).open(sweep_id).path == folder
    seen.check()


def test_a_preset_with_a_sweep_starts_one(visit, swept):
    seen, asked = visit(), []

    def take(route):
        asked.append(route.request.post_data_json)
        route.fulfill(status=201, json={"sweep_id": swept, "queue_position": 0})

    seen.page.route(
        "**/api/sweeps", lambda r: take(r) if r.request.method == "POST" else r.fallback()
    )
    page = seen.open("/")
    page.get_by_role("button", name="Start training").wait_for()
    expect(page.get_by_role("button", name="Sweep", exact=True)).to_have_count(0)
    page.get_by_role("button", name=re.compile("β and dimensions")).click()
    page.get_by_label("Epochs").first.fill("3")
    page.get_by_role("button", name="Sweep", exact=True).click()
    page.get_by_role("button", name="All together").click()
    page.get_by_role("button", name="Train 9 variants").click()
    page.wait_for_url(f"**/sweeps/{swept}")
    (body,) = asked
    assert (body["executor"], body["config"]["schedule"]["epochs"]) == ("ensemble", 3)
    assert body["config"]["sweep"]["axes"][0]["kind"] == "grid"
    seen.check()
