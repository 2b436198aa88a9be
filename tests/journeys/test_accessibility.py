"""The page for everybody: axe-core on every route, and a whole journey by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sweeping import wait_for_step
from watching import RUN_URL, map_epoch, wait_for_epoch, wait_for_map

from latelier.runs import RunStore

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
ROUTES = (
    "/",
    "/runs",
    "/runs/RUN",
    "/runs/RUN/latent",
    "/runs/RUN/latent?focus=POINT",
    "/no-such",
    "/runs/COLORED",
    "/sweeps",
    "/sweeps/SWEEP",
    "/sweeps/SWEEP?view=table",
)
GROUND = {"dark": "rgb(14, 16, 19)", "light": "rgb(251, 251, 250)"}
_CHECK = """async rules => {
  const told = one => one.nodes.map(node =>
    `${one.id}: ${node.target.join(" ")} ${node.html.slice(0, 120)}`);
  const found = await axe.run(document, {resultTypes: ["violations"], ...rules});
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(told);
}"""
_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  // A field may draw the focus on the frame around it.
  const drawn = [at, at.parentElement].some(one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  });
  const names = [at.ariaLabel, at.labels?.[0]?.innerText, at.innerText, at.placeholder];
  const name = names.find(one => one) ?? "";
  return [at.tagName.toLowerCase(), name.trim().split("\\n")[0], drawn];
}"""


@pytest.mark.parametrize("scheme", ["dark", pytest.param("light", marks=pytest.mark.slow)])
def test_every_route_is_clean_and_axe_finds_nothing_serious(
    server, visit, finished, colored, swept, scheme
):
    seen = visit(scheme=scheme, bypass_csp=True)
    seen.expected = ("status of 404",)
    point = RunStore(server.runs).open(finished).config()["analysis"]["indices"][7]
    # What a theme can spoil is its colors; the rest is the same page.
    rules = {} if scheme == "dark" else {"runOnly": ["color-contrast"]}
    problems = []
    for route in ROUTES:
        path = route.replace("RUN", finished).replace("COLORED", colored)
        path = path.replace("SWEEP", swept)
        page = seen.open(path.replace("POINT", str(point)))
        page.wait_for_load_state("networkidle" if route == "/" else "load")
        expect(page.get_by_text("Latelier").first).to_be_visible()
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == GROUND[scheme]
        if "latent" in route:
            wait_for_map(page, 6)
        elif "COLORED" in route:
            page.wait_for_selector("[data-panel=interventions] canvas")
        elif route == "/sweeps/SWEEP":
            wait_for_step(page, 60)
        elif "RUN" in route:
            page.wait_for_selector('[data-epoch="6"]')
        page.wait_for_timeout(400)
        page.add_script_tag(path=AXE)
        problems += [f"{route} {one}" for one in page.evaluate(_CHECK, rules)]
    assert not problems, "\n".join(problems)
    seen.check()


def tab_to(page, name: str, most: int = 120) -> None:
    """Press Tab until what is in focus has that name; the focus is to be seen all the way."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(_FOCUS)
        if focus is None:
            continue
        passed.append(focus[1])
        assert focus[2], f"the focus on {focus[:2]} cannot be seen"
        if re.search(name, focus[1]):
            return
    raise AssertionError(f"Tab does not lead to {name!r}, only to {passed}")


def test_a_whole_journey_by_keyboard_alone(server, visit):
    page = (seen := visit()).page
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    tab_to(page, "^Mixture of small digits")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-pressed=true]").first).to_contain_text("Mixture of small digits")
    for name, value in (("^Limit$", "300"), ("^Warmup epochs$", "3"), ("^Epochs$", "6")):
        tab_to(page, name)
        page.keyboard.press("Control+A")
        page.keyboard.type(value)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(RUN_URL)
    run_id = page.url.split("/runs/")[1].split("?")[0]
    wait_for_epoch(page, 1)
    tab_to(page, "^Latent$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/latent*")
    wait_for_epoch(page, 6)
    wait_for_map(page, 6)
    page.keyboard.press("ArrowLeft")
    wait_for_map(page, 5)
    index = RunStore(server.runs).open(run_id).config()["analysis"]["indices"][3]
    page.keyboard.press("/")
    page.keyboard.type(str(index))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Point {index}")).to_be_visible()
    tab_to(page, "^Color by$")
    page.keyboard.type("Comp")
    page.wait_for_url(re.compile("color=component"))
    assert map_epoch(page) == 5
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name=f"Point {index}")).to_have_count(0)
    tab_to(page, "^Runs$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs")
    expect(page.locator("tbody tr").first).to_be_visible()
    seen.check()
