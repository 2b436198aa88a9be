"""How a page arranges the variants of a sweep. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Placed(Protocol):
    """What is arranged: a variant of a sweep."""

    @property
    def index(self) -> int:
        """Its place in the sweep."""
        ...

    @property
    def places(self) -> Mapping[str, str]:
        """Axis → label."""
        ...

    @property
    def size(self) -> int | None:
        """How many parts are on, where there are subsets."""
        ...


def layout_of(variants: Sequence[Placed], *, drawn: bool = False) -> dict[str, Any]:
    """Arrange variants by where they stand on the axes.

    Args:
        variants: All variants.
        drawn: Whether an axis was drawn at random: its labels stand for no group then.

    Returns:
        ``{kind: grid, rows, columns}`` where two axes have more than one label, each ``{key,
        labels}`` with a key of ``places``; ``{kind: groups, groups}`` for subsets (by their size)
        and for three and more axes (by the first), each ``{label, indices}``; else ``{kind:
        flat}``.
    """
    axes: dict[str, dict[str, None]] = {}
    for variant in variants:
        for axis, label in variant.places.items():
            axes.setdefault(axis, {})[label] = None
    wide = {axis: list(labels) for axis, labels in axes.items() if len(labels) > 1}
    if len(wide) == 2 and len(variants) == math.prod(map(len, wide.values())):
        (rows, columns) = ({"key": key, "labels": labels} for key, labels in wide.items())
        return {"kind": "grid", "rows": rows, "columns": columns}
    if len({variant.size for variant in variants}) > 1:
        return _groups({v.index: _size_label(v.size) for v in variants})
    if len(wide) > 1 and not drawn:
        first = next(iter(wide))
        return _groups({v.index: f"{first}={v.places[first]}" for v in variants})
    return {"kind": "flat"}


def _size_label(size: int | None) -> str:
    return "1 term" if size == 1 else f"{size or 'no'} terms"


def _groups(labels: Mapping[int, str]) -> dict[str, Any]:
    groups: dict[str, list[int]] = {}
    for index, label in labels.items():
        groups.setdefault(label, []).append(index)
    listed = [{"label": label, "indices": indices} for label, indices in groups.items()]
    return {"kind": "groups", "groups": listed}
