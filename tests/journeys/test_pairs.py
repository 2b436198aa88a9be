"""Dimension pairs on the run's page: they follow the scrubber, inside epochs too."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

_DRAWN = """() => [...document.querySelectorAll("[data-panel=pairs] figure canvas")]
  .map(one => one.toDataURL())"""


def drawn(page, other_than: list[str] | None = None) -> list[str]:
    """Pixels of the large pictures at rest, once they are other than some before."""
    until = time.monotonic() + 10
    now = page.evaluate(_DRAWN)
    while True:
        page.wait_for_timeout(150)
        before, now = now, page.evaluate(_DRAWN)
        if len(now) == 3 and now == before and now != other_than:
            return now
        assert time.monotonic() < until, "the pictures do not come to rest"


def test_pairs_follow_the_scrubber_inside_epochs_too(visit, colored):
    seen = visit(reduced_motion="reduce")
    page = seen.open(f"/runs/{colored}")
    panel = page.locator("[data-panel=pairs]")
    panel.get_by_text("60 points, step 22").wait_for()
    end = drawn(page)
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    panel.get_by_text("step 20").wait_for()
    assert drawn(page, end) != end
    page.get_by_role("slider", name="Epoch").press("ArrowLeft")
    panel.get_by_text("60 points, step 16").wait_for()
    page.wait_for_url(re.compile(r"epoch=1\.6$"))
    inside = drawn(page, end)
    page.reload()
    panel.get_by_text("60 points, step 16").wait_for()
    assert drawn(page) == inside
    panel.get_by_role("button", name="4", exact=True).click()
    page.wait_for_url(re.compile(r"epoch=0\.4$"))
    panel.get_by_text("60 points, step 4").wait_for()
    box = panel.locator("figure canvas").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("link", name="Latent", exact=True).click()
    page.wait_for_url(re.compile(r"/latent"))
    page.wait_for_selector('footer[data-epoch="0"]')
    page.get_by_role("slider", name="Epoch").press("ArrowRight")
    page.wait_for_selector('footer[data-epoch="1"]')  # whole epochs again
    seen.check()


def test_what_a_run_shows_of_its_structure(visit, colored):
    seen = visit(reduced_motion="reduce")
    page = seen.open(f"/runs/{colored}?epoch=1")
    panel = page.locator("[data-panel=interventions]")
    panel.get_by_text("Made at epoch 3").wait_for()
    panel.get_by_role("button", name="Test epoch 1").click()
    panel.get_by_text("epoch 1", exact=False).wait_for()
    panel.get_by_role("button", name=re.compile("^suppress red, similarity to vibrant")).click()
    panel.get_by_label("Error that suppress red adds, over the similarity to vibrant").wait_for()
    panel.get_by_role("slider", name="Strength").press("Home")  # a twentieth of it is carried out
    expect(panel.locator("[aria-busy=true]")).to_have_count(1)
    expect(panel.locator("[aria-busy=true]")).to_have_count(0, timeout=20_000)
    panel.get_by_role("button", name="receipt").click()
    expect(page.get_by_role("dialog")).to_contain_text('"interventions", epoch=1, strength=50')
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    panel.get_by_role("button", name="As recorded").click()
    panel.get_by_role("button", name="receipt").click()
    expect(page.get_by_role("dialog")).to_contain_text('"interventions", epoch=1)')
    seen.check()
