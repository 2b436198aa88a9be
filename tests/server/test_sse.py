"""Streams: replay, reconnection, several runs, slow clients, ends."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from latelier.runs import RunRecord, RunStore
from latelier.runs.events import EventLog
from latelier.server import sse
from latelier.server.errors import ApiError
from latelier.server.sse import HEARTBEAT, Streams

Make = Callable[..., RunRecord]
Serving = Callable[..., Any]


class Message:
    """One message of a stream, as a browser sees it."""

    def __init__(self, block: str) -> None:
        pairs = [entry.partition(":")[::2] for entry in block.splitlines()]
        fields = {name: value.removeprefix(" ") for name, value in pairs}
        self.id = fields.get("id", "")
        self.kind = fields.get("event", "message")
        self.data = json.loads(fields["data"]) if "data" in fields else None
        self.comment = fields.get("")
        self.retry = fields.get("retry")


def messages(chunks: Iterator[str]) -> Iterator[Message]:
    pending = ""
    for chunk in chunks:
        *blocks, pending = (pending + chunk).split("\n\n")
        yield from (Message(block) for block in blocks)


def append(record: RunRecord, count: int, name: str = "log.warning") -> None:
    log = EventLog(record.path_of("events"), record.id)
    for number in range(count):
        log.append(name, {"message": str(number)}, step=0, epoch=0)
    log.close()


def follow(client: Any, url: str, last: str | None = None) -> Any:
    headers = {"accept": "text/event-stream"} | ({"last-event-id": last} if last else {})
    return client.stream("GET", url, headers=headers)


def take(client: Any, url: str, count: int, last: str | None = None) -> list[Message]:
    """Read that many events, then leave."""
    found: list[Message] = []
    with follow(client, url, last) as stream:
        for message in messages(stream.iter_text()):
            if message.data is not None:
                found.append(message)
            if len(found) >= count:
                return found
    return found


def test_a_stream_replays_and_goes_on(serving: Serving, make_run: Make) -> None:
    run = make_run("created")
    append(run, 3)
    with serving() as client, follow(client, f"/api/runs/{run.id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-cache, no-transform"
        flow = messages(stream.iter_text())
        assert next(flow).retry == str(sse.RETRY_MS)
        assert [next(flow).id for _ in range(4)] == ["1", "2", "3", "4"]
        quiet = next(flow)
        assert quiet.comment == "heartbeat"
        append(run, 1)
        news = next(message for message in flow if message.data)
        assert (news.id, news.data["data"]["message"]) == ("5", "0")


def test_reconnections_lose_and_repeat_nothing(serving: Serving, make_run: Make) -> None:
    """Random disconnections and two restarts of the server, while the run writes on."""
    chance = random.Random(7)
    run, total = make_run("created"), 400
    done = threading.Event()

    def write() -> None:
        while run.path.exists() and not done.is_set() and len(list(run.events())) < total:
            append(run, chance.randrange(1, 12))
            time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[Message] = []
    try:
        for _ in range(3):
            with serving() as client:
                for _ in range(6):
                    last = seen[-1].id if seen else None
                    wanted = min(chance.randrange(1, 30), total - len(seen))
                    url = f"/api/runs/{run.id}/events"
                    seen += take(client, url, wanted, last) if wanted else []
        with serving() as client:
            last = seen[-1].id
            seen += take(client, f"/api/runs/{run.id}/events", total - len(seen), last)
    finally:
        done.set()
        writer.join()
    seen = seen[:total]
    assert [int(message.id) for message in seen] == list(range(1, total + 1))
    assert [message.data["id"] for message in seen] == list(range(1, total + 1))


def test_several_runs_in_one_stream(serving: Serving, make_run: Make) -> None:
    runs = [make_run("created") for _ in range(3)]
    for number, run in enumerate(runs):
        append(run, 5 * number)
    url = "/api/events?runs=" + ",".join(run.id for run in runs)
    total = 3 + 5 + 10
    with serving() as client:
        seen = take(client, url, 9)
        seen += take(client, url, total - len(seen), seen[-1].id)
        append(runs[0], 1)
        seen += take(client, url, 1, seen[-1].id)
        beginning = "&after=" + ",".join(str(len(list(run.events())) - 1) for run in runs)
        assert len(take(client, url + beginning, 3)) == 3
    per_run = {run.id: [m.data["id"] for m in seen if m.data["run_id"] == run.id] for run in runs}
    assert per_run == {run.id: list(range(1, len(list(run.events())) + 1)) for run in runs}, (
        "every event of every run, once, in order"
    )


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("?runs=", 422),
        ("?runs=a-run", 404),
        ("?runs=../x", 404),
        ("?runs={run},{run}", 422),
        ("?runs={run}&after=1,2", 422),
        ("?runs={run}&after=-1", 422),
        ("?runs=" + ",".join(f"r{n}" for n in range(33)), 422),
    ],
)
def test_wrong_streams(client: TestClient, make_run: Make, query: str, status: int) -> None:
    run = make_run("created")
    assert client.get("/api/events" + query.format(run=run.id)).status_code == status


def test_head_of_a_stream_ends(client: TestClient, make_run: Make) -> None:
    run = make_run("created")
    answer = client.head(f"/api/events?runs={run.id}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_run_that_is_deleted_and_restored(serving: Serving, make_run: Make) -> None:
    run = make_run("created")
    store = RunStore(run.path.parent)
    with serving() as client, follow(client, f"/api/runs/{run.id}/events") as stream:
        flow = (message for message in messages(stream.iter_text()) if message.data)
        assert next(flow).id == "1"
        store.trash(run.id)
        gone = next(flow)
        assert (gone.kind, gone.data, gone.id) == ("gone", {"run_id": run.id}, "")
        store.restore(run.id)
        append(run, 1)
        assert next(flow).id == "2"


def test_a_server_that_stops_ends_its_streams(serving: Serving, make_run: Make) -> None:
    run = make_run("created")
    ended: list[float] = []

    def watch(client: Any) -> None:
        with follow(client, f"/api/runs/{run.id}/events") as stream:
            for _ in stream.iter_text():
                pass
        ended.append(time.monotonic())

    with serving() as client:
        threads = [threading.Thread(target=watch, args=(client,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        while client.get("/api/health").json()["streams"] < 3:
            time.sleep(0.01)
        began = time.monotonic()
        client.server.stop()
        for thread in threads:
            thread.join(5)
        assert len(ended) == 3, "they end, and without an error"
        assert time.monotonic() - began < 1.5


def test_a_client_that_leaves_is_forgotten(serving: Serving, make_run: Make) -> None:
    run = make_run("created")
    with serving() as client:
        for _ in range(3):
            take(client, f"/api/runs/{run.id}/events", 1)
        limit = time.monotonic() + 3
        while client.get("/api/health").json()["streams"] and time.monotonic() < limit:
            time.sleep(0.02)
        assert client.get("/api/health").json()["streams"] == 0
        assert client.server.services.streams._watched == {}


# The parts, without a network


def collect(
    streams: Streams, path: Path, seconds: float, pace: Callable[[], Any] | None = None
) -> list[bytes]:
    async def run() -> list[bytes]:
        chunks: list[bytes] = []
        flow: AsyncIterator[bytes] = streams.follow([path], [0], ["a-run"])

        async def read() -> None:
            async for chunk in flow:
                chunks.append(chunk)
                if pace is not None:
                    await pace()

        reader = asyncio.create_task(read())
        await asyncio.sleep(seconds)
        streams.close()
        await asyncio.wait_for(reader, 5)
        return chunks

    return asyncio.run(run())


def test_a_backlog_is_sent_in_few_chunks(make_run: Make) -> None:
    run = make_run("created")
    append(run, 1000)
    streams = Streams(poll_s=0.01, heartbeat_s=5, limit=2)
    chunks = collect(streams, run.path_of("events"), 0.2)
    assert len(chunks) < 10
    assert b"".join(chunks).count(b"\ndata: ") == 1001


def test_a_slow_client_is_spared_progress_and_nothing_else(
    make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("created")
    monkeypatch.setattr(sse, "SLOW_SECONDS", 0.03)
    streams = Streams(poll_s=0.01, heartbeat_s=5, limit=2)
    rounds = iter(range(100))

    async def pace() -> None:
        number = next(rounds)
        if number == 1:  # a chunk that takes long to be accepted
            append(run, 5, "train.progress")
            append(run, 5)
            await asyncio.sleep(0.1)

    text = b"".join(collect(streams, run.path_of("events"), 0.4, pace))
    assert text.count(b"train.progress") == 0
    assert text.count(b"log.warning") == 5


def test_a_quick_client_gets_progress_too(make_run: Make) -> None:
    run = make_run("created")
    append(run, 5, "train.progress")
    streams = Streams(poll_s=0.01, heartbeat_s=5, limit=2)
    assert b"".join(collect(streams, run.path_of("events"), 0.1)).count(b"train.progress") == 5


def test_silence_is_broken_by_comments(make_run: Make) -> None:
    run = make_run("created")
    streams = Streams(poll_s=0.01, heartbeat_s=0.05, limit=2)
    assert collect(streams, run.path_of("events"), 0.3).count(HEARTBEAT) >= 2


def test_all_who_follow_a_file_share_one_look(
    make_run: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("created")
    looks = 0
    look = sse.Watched.look

    def counted(self: sse.Watched) -> bool:
        nonlocal looks
        looks += 1
        return look(self)

    monkeypatch.setattr(sse.Watched, "look", counted)

    async def go() -> list[bytes]:
        streams = Streams(poll_s=0.02, heartbeat_s=5, limit=50)
        path = run.path_of("events")
        flows = [streams.follow([path], [0], [run.id]) for _ in range(20)]
        readers = [asyncio.create_task(drain(flow)) for flow in flows]
        await asyncio.sleep(0.3)
        append(run, 1)
        await asyncio.sleep(0.2)
        assert streams.count == 20
        streams.close()
        return await asyncio.gather(*readers)

    async def drain(flow: AsyncIterator[bytes]) -> bytes:
        return b"".join([chunk async for chunk in flow])

    assert all(text.count(b"\ndata: ") == 2 for text in asyncio.run(go()))
    assert looks < 60, "25 looks for 20 clients, not 500"


def test_there_is_a_limit_to_streams() -> None:
    streams = Streams(poll_s=1, heartbeat_s=1, limit=1)
    streams.check_room()
    streams.count = 1
    with pytest.raises(ApiError, match="too many") as caught:
        streams.check_room()
    assert caught.value.status == 429
    streams.close()
    with pytest.raises(ApiError) as caught:
        streams.check_room()
    assert caught.value.status == 503
