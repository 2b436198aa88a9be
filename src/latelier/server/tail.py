"""Follow a growing ``events.jsonl`` as raw lines: nothing is parsed twice, nothing kept in memory.

Line n holds event n, so a position in the file is a pair of an id and a byte offset. A line that
is not complete, or not sound (a power cut; the next writer cuts it off), is not read past.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from latelier.runs.encoding import loads

CHUNK = 1 << 18
_PROGRESS = b'"type":"train.progress"'
_HEAD = 96  # the type stands at the beginning of a line


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it stands in the file, without the newline."""

    id: int
    text: bytes

    @property
    def is_progress(self) -> bool:
        """Whether it tells only how far training is, so that a slow client can do without."""
        return _PROGRESS in self.text[:_HEAD]


class LineTail:
    """A reader's position in one file of events.

    Args:
        path: The file; it may not exist.
        after: Id of the last event already known.

    Attributes:
        id: Id of the last event read (or passed over).
    """

    def __init__(self, path: Path, after: int = 0) -> None:
        self._path = os.fspath(path)
        self._offset = 0
        self._after = after
        self.id = 0

    @property
    def offset(self) -> int:
        """Bytes read so far."""
        return self._offset

    def read(self, limit: int = CHUNK) -> list[Line]:
        """Read what is new and complete: at least one line if there is one, else about ``limit``.

        Raises:
            FileNotFoundError: If the file is gone.
        """
        with open(self._path, "rb", buffering=0) as file:  # noqa: PTH123 (no Path per read)
            while True:
                file.seek(self._offset)
                data = file.read(limit)
                end = data.rfind(b"\n") + 1
                if end == 0 and len(data) == limit:
                    limit *= 4  # one line that is longer than the chunk
                    continue
                lines, stuck = self._take(data[:end])
                if lines or stuck or len(data) < limit:
                    return lines

    def _take(self, data: bytes) -> tuple[list[Line], bool]:
        """Move past the sound lines; tell whether an unsound one stopped it."""
        lines: list[Line] = []
        for raw in data.splitlines(keepends=True):
            number = self.id + 1
            if number > self._after:
                if not _is_sound(raw, number):
                    return lines, True
                lines.append(Line(number, raw[:-1]))
            self.id = number
            self._offset += len(raw)
        return lines, False


def _is_sound(raw: bytes, number: int) -> bool:
    try:
        value = loads(raw)
    except ValueError:
        return False
    return isinstance(value, dict) and value.get("id") == number
