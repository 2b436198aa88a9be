"""One scrubber drives everything: each panel and each overlay looks different at another epoch.

Panels and overlays are found on the page, so that a new one is compared from its first day on.
"""

from __future__ import annotations

import re
import time
from urllib.parse import urlencode

import pytest
from watching import wait_for_map

from latelier.runs import RunStore

# What stays the same, and why it may.
STEADY = {
    "events": "a log of the whole run; its lines lead to their epochs",
    "diagnoses": "findings about the whole run, each with its epoch",
}
# The last epoch is 6; here the mixture is in use already, so that there is all there is at the end.
EARLIER = 4
_PANELS = "all => all.filter(one => one.childElementCount > 0).map(one => one.dataset.panel)"
_CANVASES = """() => ["under", "points", "over"]
  .map(layer => [...document.querySelectorAll(`[data-map] canvas[data-layer=${layer}]`)])
  .flat().filter(one => one.dataset.layer !== "points").map(one => one.toDataURL()).join()"""


def picture(page, panel: str) -> bytes:
    """Pixels of everything that a panel draws."""
    parts = page.locator(f'[data-panel="{panel}"] > *')
    return b"".join(parts.nth(at).screenshot() for at in range(parts.count()))


def settled(page) -> None:
    """Wait until nothing is on its way: no request, no glide."""
    page.wait_for_timeout(250)
    page.wait_for_load_state("networkidle")
    if page.locator("[data-map]").count():
        page.wait_for_selector("[data-map][data-moving=false]")


def scrub(page, to: int) -> None:
    """Move the scrubber to an epoch, as a drag does."""
    page.locator("footer input[type=range]").fill(str(to))
    page.wait_for_selector(f'[data-epoch="{to}"]')


def at_rest(page, panels: list[str]) -> dict[str, bytes]:
    """Pixels of each panel once none of them changes by itself any more."""
    settled(page)
    until = time.monotonic() + 20
    now = {panel: picture(page, panel) for panel in panels}
    while True:
        before, now = now, {panel: picture(page, panel) for panel in panels}
        if now == before:
            return now
        moving = [panel for panel in panels if now[panel] != before[panel]]
        assert time.monotonic() < until, f"these panels do not come to rest: {moving}"
        page.wait_for_timeout(300)


def same_after_scrub(page, panels: list[str]) -> list[str]:
    """Those whose pixels are the same after one move of the scrubber."""
    before = at_rest(page, panels)
    scrub(page, EARLIER)
    settled(page)
    until = time.monotonic() + 8
    same = panels
    while same and time.monotonic() < until:
        same = [panel for panel in same if picture(page, panel) == before[panel]]
        page.wait_for_timeout(100)
    return same


@pytest.mark.parametrize("view", ["run", "map", "point", "selection"])
def test_every_panel_changes_with_the_scrubber(server, visit, finished, view):
    indices = RunStore(server.runs).open(finished).config()["analysis"]["indices"]
    query = {
        "point": {"focus": indices[7]},
        "selection": {"select": ".".join(str(one) for one in indices[:9])},
    }.get(view, {})
    path = "" if view == "run" else f"/latent?{urlencode(query)}"
    seen = visit(reduced_motion="reduce")
    page = seen.open(f"/runs/{finished}{path}")
    page.wait_for_selector('footer[data-epoch="6"]')
    if view != "run":
        wait_for_map(page, 6)
    page.wait_for_selector("[data-panel] > *")
    settled(page)
    for button in (
        page.locator("[data-panel]").get_by_role("button", name=re.compile("^Draw")).all()
    ):
        button.click()
    settled(page)
    found = page.locator("[data-panel]").evaluate_all(_PANELS)
    panels = [panel for panel in found if panel not in STEADY]
    assert panels
    same = same_after_scrub(page, panels)
    assert not same, f"these panels stay as they are when the scrubber moves: {same}"
    seen.check()


def still(page) -> str:
    """Pixels of the map's layers once nothing on them fades or moves."""
    until = time.monotonic() + 8
    now = page.evaluate(_CANVASES)
    while True:
        page.wait_for_timeout(60)
        page.wait_for_selector("[data-map][data-moving=false]")
        before, now = now, page.evaluate(_CANVASES)
        if now == before:
            return now
        assert time.monotonic() < until, "the map does not come to rest"


def drawn_alone(page, names: list[str], other_than: dict[str, str]) -> dict[str, str]:
    """Pixels of the map's layers with one overlay at a time: what it adds, and nothing else.

    Waits for each until it adds something, and until that is not what `other_than` says.
    """
    group = page.locator("section[aria-label=Overlays]")
    for name in names:
        group.get_by_label(name, exact=True).set_checked(False)
    bare = still(page)
    drawn = {}
    for name in names:
        box = group.get_by_label(name, exact=True)
        box.set_checked(True)
        until = time.monotonic() + 8
        while (now := still(page)) in {bare, other_than.get(name)}:
            if time.monotonic() > until:
                break
        assert now != bare, f"the overlay {name!r} draws nothing"
        drawn[name] = now
        box.set_checked(False)
        while still(page) != bare:
            assert time.monotonic() < until + 8, f"the overlay {name!r} does not go away"
    return drawn


def test_every_overlay_changes_with_the_scrubber(visit, finished):
    seen = visit(reduced_motion="reduce")
    page = seen.open(f"/runs/{finished}/latent")
    wait_for_map(page, 6)
    settled(page)
    boxes = page.locator("section[aria-label=Overlays] label:has(input:enabled)")
    names = [one.strip().split("\n")[0] for one in boxes.all_inner_texts()]
    assert names
    before = drawn_alone(page, names, {})
    scrub(page, EARLIER)
    settled(page)
    after = drawn_alone(page, names, before)
    same = [name for name in names if after[name] == before[name]]
    assert not same, f"these overlays stay as they are when the scrubber moves: {same}"
    seen.check()
