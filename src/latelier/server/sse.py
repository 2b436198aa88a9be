"""Event streams: batched, replayed from the file, one look per file for all who follow it.

A client that cannot keep up costs no memory: what it has not been sent is in the file. Until it
has caught up it is spared `train.progress` events, and only these.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio.to_thread

from latelier.server.errors import ApiError
from latelier.server.tail import Line, LineTail

RETRY_MS = 1000
SLOW_SECONDS = 0.5
HEARTBEAT = b": heartbeat\n\n"


@dataclass(eq=False)
class Watched:
    """A file that somebody follows, and who is woken when it changes."""

    path: str
    seen: tuple[int, int] | None = None
    followers: set[asyncio.Event] = field(default_factory=set)

    def look(self) -> bool:
        """Tell whether size or identity of the file differ from the last look."""
        try:
            facts = os.stat(self.path)  # noqa: PTH116 (many times a second: no Path objects)
            now = (facts.st_ino, facts.st_size)
        except OSError:
            now = None
        changed = now != self.seen
        self.seen = now
        return changed


class Streams:
    """All open streams of one server.

    Args:
        poll_s: Seconds between two looks at each followed file.
        heartbeat_s: Seconds of silence after which a comment is sent.
        limit: Streams that may be open at the same time.
    """

    def __init__(self, *, poll_s: float, heartbeat_s: float, limit: int) -> None:
        self._poll_s, self._heartbeat_s, self._limit = poll_s, heartbeat_s, limit
        self._watched: dict[str, Watched] = {}
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.count = 0

    def close(self) -> None:
        """End every stream after what it is sending now."""
        self._closed = True
        for watched in self._watched.values():
            _wake(watched)

    def check_room(self) -> None:
        """Refuse a stream too many.

        Raises:
            ApiError: If the server is closing, or has as many streams as it may.
        """
        if self._closed:
            raise ApiError(503)
        if self.count >= self._limit:
            raise ApiError(
                429,
                "too many event streams are open",
                got=self.count,
                expected=f"at most {self._limit}",
                remedy="Close a page, or follow several runs with one stream.",
            )

    async def follow(
        self, paths: Sequence[Path], after: Sequence[int], run_ids: Sequence[str]
    ) -> AsyncIterator[bytes]:
        """Yield the stream of one client until it leaves or the server closes.

        Args:
            paths: Files of events, one per run.
            after: Id of the last event known, one per run.
            run_ids: Names of the runs, for telling which is gone.
        """
        stream = _Stream([LineTail(*pair) for pair in zip(paths, after, strict=True)], run_ids)
        event = asyncio.Event()
        self.count += 1
        watched = [self._watch(path, event) for path in paths]
        try:
            yield b"retry: %d\n\n" % RETRY_MS
            async for chunk in self._chunks(stream, event):
                yield chunk
        finally:
            self.count -= 1
            for one in watched:
                self._unwatch(one, event)

    async def _chunks(self, stream: _Stream, event: asyncio.Event) -> AsyncIterator[bytes]:
        while not self._closed:
            event.clear()
            chunk = await anyio.to_thread.run_sync(stream.next_chunk)
            if chunk:
                started = time.monotonic()
                yield chunk
                stream.sent(time.monotonic() - started)
                continue
            try:
                await asyncio.wait_for(event.wait(), self._heartbeat_s)
            except TimeoutError:
                yield HEARTBEAT

    def _watch(self, path: Path, event: asyncio.Event) -> Watched:
        watched = self._watched.setdefault(os.fspath(path), Watched(os.fspath(path)))
        watched.followers.add(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        return watched

    def _unwatch(self, watched: Watched, event: asyncio.Event) -> None:
        watched.followers.discard(event)
        if not watched.followers and self._watched.get(watched.path) is watched:
            del self._watched[watched.path]

    async def _poll(self) -> None:
        while self._watched and not self._closed:
            for watched in list(self._watched.values()):
                with contextlib.suppress(Exception):
                    if watched.look():
                        _wake(watched)
            await asyncio.sleep(self._poll_s)


class _Stream:
    """What one client has been sent of each run."""

    def __init__(self, tails: list[LineTail], run_ids: Sequence[str]) -> None:
        self._tails, self._run_ids = tails, run_ids
        self._positions = [tail._after for tail in tails]
        self._gone = [False] * len(tails)
        self._slow = False

    def next_chunk(self) -> bytes:
        """Read what is new as the bytes to send; empty when the client has everything."""
        parts: list[bytes] = []
        for index, tail in enumerate(self._tails):
            try:
                lines = tail.read()
            except OSError:
                parts += self._tell_gone(index)
                continue
            self._gone[index] = False
            parts += [self._message(index, line) for line in self._spared(lines)]
        if not parts:
            self._slow = False
        return b"".join(parts)

    def sent(self, seconds: float) -> None:
        """Take note of how long the client took to accept a chunk."""
        self._slow = self._slow or seconds > SLOW_SECONDS

    def _spared(self, lines: list[Line]) -> list[Line]:
        return [line for line in lines if not line.is_progress] if self._slow else lines

    def _message(self, index: int, line: Line) -> bytes:
        self._positions[index] = line.id
        position = b",".join(b"%d" % known for known in self._positions)
        return b"id: %b\ndata: %b\n\n" % (position, line.text)

    def _tell_gone(self, index: int) -> list[bytes]:
        if self._gone[index]:
            return []
        self._gone[index] = True
        return [b'event: gone\ndata: {"run_id":"%b"}\n\n' % self._run_ids[index].encode()]


def _wake(watched: Watched) -> None:
    for follower in watched.followers:
        follower.set()
