"""The explorer's map: what its ground says, what a click decodes, what a model does not have."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from watching import api, map_epoch, wait_for_map

_TILE = """() => {
  const card = document.querySelector("[data-ground]:not([hidden])");
  if (!card || document.querySelector("[data-card]")) return null;
  const frame = card.querySelector("[data-trust]");
  if (!frame || frame.hidden) return null;
  const {backgroundImage, backgroundPosition} = frame.firstElementChild.style;
  return [backgroundImage, backgroundPosition, frame.dataset.trust, card.innerText];
}"""


def empty_places(page, most: int) -> list[tuple[float, float, list[str]]]:
    """Pixels with a tile but no point, and what is shown there with the next picture."""
    box = page.locator("[data-map]").bounding_box()
    assert box is not None
    found = []
    for row in range(2, 9):
        for column in range(3, 8):
            x, y = box["x"] + box["width"] * column / 10, box["y"] + box["height"] * row / 10
            page.mouse.move(x, y)
            tile = page.evaluate(
                f"new Promise(done => requestAnimationFrame(() => done(({_TILE})())))"
            )
            page.wait_for_timeout(180)  # a point under the pointer would have its card by now
            if tile and page.evaluate(_TILE):
                found.append((x, y, tile))
            if len(found) == most:
                return found
    raise AssertionError(f"only {len(found)} places of the map have a tile and no point")


def test_the_ground_decodes_at_once_with_how_far_to_trust_it(visit, finished):
    seen = visit()
    page = seen.open(f"/runs/{finished}/latent")
    wait_for_map(page, 6)
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    places = empty_places(page, 3)
    words = {"high": "Trust it", "fair": "Trust it with care", "low": "Do not trust it"}
    for _, _, (image, _, trust, said) in places:
        assert "atlas" in image
        assert said.startswith(words[trust])
    assert len({position for _, _, (_, position, _, _) in places}) > 1
    assert not [url for url in asked if "decode" in url]
    # The sheet comes when the page has time, at the latest for the first place; not for each.
    assert len([url for url in asked if "atlas" in url]) <= 1
    seen.check()


def test_a_click_on_the_ground_decodes_it_exactly_and_the_link_keeps_it(visit, finished):
    seen = visit()
    page = seen.open(f"/runs/{finished}/latent")
    wait_for_map(page, 6)
    page.wait_for_load_state("networkidle")
    [(x, y, _)] = empty_places(page, 1)
    page.mouse.click(x, y)
    page.wait_for_url(re.compile(r"pin=-?\d+\.-?\d+"))
    card = page.locator("[data-pinned] [role=group][data-current]")
    expect(card.get_by_label("The place, decoded")).to_be_visible(timeout=40_000)
    expect(card.get_by_text("Nearest point")).to_be_visible()
    first = card.inner_text()
    page.reload()
    wait_for_map(page, 6)
    expect(card.get_by_label("The place, decoded")).to_be_visible(timeout=20_000)
    assert card.inner_text() == first
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.wait_for_url(re.compile(r"latent$"))
    seen.check()


def test_each_key_does_one_thing_and_an_epoch_can_fill_the_map(visit, finished):
    seen = visit()
    page = seen.open(f"/runs/{finished}/latent?epoch=4&fit=epoch")
    wait_for_map(page, 4)
    lasso = page.get_by_role("button", name="Lasso")
    page.keyboard.press("l")
    expect(lasso).to_have_attribute("aria-pressed", "true")
    assert map_epoch(page) == 4
    page.keyboard.press("l")
    expect(lasso).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("f")
    wait_for_map(page, 6)
    page.get_by_role("button", name="Fit each epoch", pressed=True).click()
    page.wait_for_url(re.compile(r"latent$"))
    page.goto(f"{seen.origin}/runs/{finished}?epoch=4")
    page.wait_for_selector('[data-epoch="4"]')
    page.keyboard.press("l")
    page.keyboard.press("f")
    page.wait_for_selector('[data-epoch="6"]')
    seen.check()


def test_an_autoencoder_has_no_prior_and_no_posterior_to_show(visit, plain):
    seen = visit()
    page = seen.open(f"/runs/{plain}/latent?overlays=density")
    wait_for_map(page, 2)
    overlays = page.locator("section[aria-label=Overlays]")
    expect(overlays.get_by_label("Density of the codes")).to_be_checked()
    expect(page.locator("[data-legend=posterior_2d]")).to_contain_text("no posterior variance")
    words = overlays.inner_text()
    assert not re.search("prior|posterior|holes", words, re.IGNORECASE), words
    assert page.locator("[data-panel=prior], [data-panel=mixture]").count() == 0
    page.goto(f"{seen.origin}/runs/{plain}/latent?overlays=prior")  # a link from another run
    wait_for_map(page, 2)
    expect(overlays.get_by_label("Class names")).to_be_checked()
    page.goto(f"{seen.origin}/runs/{plain}")
    page.wait_for_selector('[data-epoch="2"]')
    expect(page.get_by_text("Reconstructions").first).to_be_visible()
    expect(page.get_by_text("Mixture health")).to_have_count(0)
    seen.check()


@pytest.mark.slow
def test_umap_is_made_on_request_with_progress_and_shown(visit, twin):
    run_id = twin("umap")
    seen = visit()
    page = seen.open(f"/runs/{run_id}/latent")
    wait_for_map(page, 6)
    expect(page.get_by_role("button", name="UMAP", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Compute UMAP").click()
    expect(page.get_by_role("progressbar", name="UMAP of epoch 6")).to_be_visible()
    page.wait_for_url(re.compile("method=umap"), timeout=120_000)
    expect(page.get_by_text("UMAP of the latents, 2-D")).to_be_visible()
    wait_for_map(page, 6)
    expect(page.get_by_text(re.compile(r"neighbors, min dist"))).to_be_visible()
    status, detail = api(page, "GET", f"/api/runs/{run_id}")
    kinds = {group["kind"]: group["epochs"] for group in detail["artifacts"]}
    assert (status, kinds["latent_2d_umap"][-1]) == (200, 6)
    page.reload()
    wait_for_map(page, 6)
    expect(page.get_by_role("button", name="UMAP", exact=True, pressed=True)).to_be_visible()
    seen.check()
