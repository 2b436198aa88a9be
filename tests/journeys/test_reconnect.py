"""What the page shows after the server went away and came back is what the events file says."""

from __future__ import annotations

from playwright.sync_api import expect
from watching import TINY, api, wait_for_epoch

from latelier.runs import RunStore

MOST = 200  # lines that the log shows at once
_TOLD = {
    "run.created",
    "run.started",
    "run.completed",
    "phase.started",
    "action.performed",
    "log.warning",
}


def shown_events(page, words: str = "") -> list[int]:
    """Ids of the lines of the event log, oldest first."""
    page.get_by_label("Filter events").fill(words)
    page.wait_for_timeout(200)
    lines = page.locator("[data-event]").evaluate_all("all => all.map(one => one.dataset.event)")
    return [int(one) for one in reversed(lines)]


def is_loss(event) -> bool:
    """Whether the log has a line for it with the loss of an epoch on validation."""
    of_epoch = event.type == "train.metrics" and event.data.get("scope") != "steps"
    return of_epoch and isinstance(event.data.get("val/loss"), float)


def test_a_restarted_server_leaves_no_gap_and_no_duplicate(server, visit):
    seen = visit()
    # A server that waits for its workers to end answers 503 to a page that comes back meanwhile.
    seen.expected = ("ERR_CONNECTION_REFUSED", "net::ERR", "Failed to fetch", "status of 503")
    page = seen.page
    analysis = {**TINY["analysis"], "full_set": "off", "points": 60, "reconstructions": 4}
    config = {**TINY, "name": "seen throughout", "schedule": {"epochs": 60}, "analysis": analysis}
    status, answer = api(page, "POST", "/api/runs", {"config": config, "start": True})
    assert status == 201
    run_id = answer["run_id"]
    record = RunStore(server.runs).open(run_id)
    page = seen.open(f"/runs/{run_id}")
    wait_for_epoch(page, 1)
    before = len(list(record.events()))
    server.stop()
    page.wait_for_selector('[data-connection]:not([data-connection="connected"])', timeout=20_000)
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    server.start()
    page.wait_for_selector('[data-connection="connected"]', timeout=40_000)
    expect(page.get_by_text("Done").first).to_be_visible(timeout=90_000)
    page.wait_for_selector('[data-epoch="60"]')

    events = list(record.events())
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert len(events) > before, "the run went on while nobody was there"
    told = [event.id for event in events if event.type in _TOLD or is_loss(event)]
    assert shown_events(page) == told
    page.get_by_label("Files", exact=True).check()
    files = {"reconstructions", "reconstructions_image"}
    grids = [event.id for event in events if event.data.get("kind") in files]
    assert len(grids) == 2 * 61
    assert shown_events(page, "reconstruction") == grids[-MOST:]
    shown_losses = page.locator("[data-event]")
    page.get_by_label("Filter events").fill("Validation loss")
    losses = [event.data["val/loss"] for event in events if is_loss(event)]
    expect(shown_losses).to_have_count(len(losses))
    words = shown_losses.locator("span").all_inner_texts()
    numbers = [float(one.rsplit(" ", 1)[1].replace(",", "").replace("−", "-")) for one in words]
    assert all(
        abs(number - loss) <= 0.0051 * max(1, abs(loss) / 10)
        for number, loss in zip(reversed(numbers), losses, strict=True)
    )
    # What was watched live is what somebody sees who comes now.
    late = seen.open(f"/runs/{run_id}")
    late.wait_for_selector('[data-epoch="60"]')
    expect(late.get_by_text("Done").first).to_be_visible()
    assert shown_events(late) == told
    seen.check()
