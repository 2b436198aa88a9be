from __future__ import annotations

from collections.abc import Callable

import pytest

from latelier.config.errors import RunError
from latelier.runs import RunRecord, StartRequest, request_start, start_request, take_start
from latelier.runs.verify import verify

Make = Callable[[], RunRecord]


def test_a_request_is_made_read_and_taken_once(record: RunRecord) -> None:
    assert start_request(record) is None
    made = request_start(record)
    assert start_request(record) == made
    assert made.epoch is None
    assert verify(record) == [], "it belongs to the record"
    assert take_start(record)
    assert not take_start(record)
    assert start_request(record) is None


def test_the_epoch_is_kept(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running")
        writer.transition("failed", reason="error")
    request_start(record, epoch=4)
    found = start_request(record)
    assert isinstance(found, StartRequest)
    assert found.epoch == 4


def test_what_runs_or_is_done_cannot_be_asked_for(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running")
        with pytest.raises(RunError, match="is running"):
            request_start(record)
        writer.transition("completed")
    with pytest.raises(RunError, match="Fork it"):
        request_start(record)
    assert start_request(record) is None


def test_an_old_wish_to_stop_does_not_stop_the_next_start(record: RunRecord) -> None:
    with record.own() as writer:
        writer.transition("running")
        record.request_cancel()
        writer.transition("cancelled")
    assert record.cancel_requested()
    request_start(record)
    assert not record.cancel_requested()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"requested": "x", "epoch": 1}'])
def test_a_damaged_request_is_none(record: RunRecord, content: bytes) -> None:
    record.path_of("start").write_bytes(content)
    assert start_request(record) is None
