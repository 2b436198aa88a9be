from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.lab.sweeps.run import carry_out_sweep
from latelier.lab.sweeps.summary import pareto_front, read_wall, summarize
from latelier.runs.atomic import write_json

THREE = {"axes": [{"kind": "seeds", "seeds": 3}], "metrics": {"train/loss": "max"}}
NUMBERS = st.one_of(st.integers(0, 4).map(float), st.none(), st.just(math.nan))


def rows(*values: dict[str, float | None], state: str = "completed") -> list:
    return [{"index": i, "state": state, "last": v} for i, v in enumerate(values)]


def test_a_front_of_two_metrics():
    table = rows({"a": 1, "b": 1}, {"a": 2, "b": 5}, {"a": 0, "b": 2}, {"a": 2, "b": 4})
    assert pareto_front(table, {"a": "min", "b": "min"}) == [0, 2]
    assert pareto_front(table, {"a": "min", "b": "max"}) == [1, 2]
    assert pareto_front(table, {"a": "max"}) == [1, 3]
    assert pareto_front(table, {}) == []


def test_only_completed_variants_with_every_metric_are_compared():
    table = rows({"a": 1}, {"a": None}, {}, {"a": math.inf}, {"a": math.nan})
    assert pareto_front(table, {"a": "min"}) == [0]
    assert pareto_front(rows({"a": 1}, state="failed"), {"a": "min"}) == []


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=12),
    st.tuples(*[st.sampled_from(["min", "max"])] * 3),
)
def test_the_front_is_what_a_comparison_of_all_with_all_finds(points, ends):
    directions = dict(zip("abc", ends, strict=True))
    table = rows(*(dict(zip("abc", point, strict=True)) for point in points))
    usable = [
        row
        for row in table
        if all(v is not None and math.isfinite(v) for v in row["last"].values())
    ]

    def beats(one, other) -> bool:
        gains = [
            (x - y) * (1 if directions[name] == "max" else -1)
            for name, x, y in zip("abc", one.values(), other.values(), strict=True)
        ]
        return min(gains) >= 0 < max(gains)

    beaten = {
        b["index"] for a, b in itertools.permutations(usable, 2) if beats(a["last"], b["last"])
    }
    wanted = [row["index"] for row in usable if row["index"] not in beaten]
    assert pareto_front(table, directions) == wanted


def test_numbers_of_the_wall_stand_beside_the_metrics(make_sweep, here):
    record = make_sweep({**THREE, "metrics": {"wall/ring": "min", "train/loss": "max", "x": "min"}})
    carry_out_sweep(record)
    tiles = [
        {"index": 0, "ring": 0.5, "residual": None},
        {"index": 1, "ring": 0.25, "residual": None},
        {"index": 2, "missing": True},
    ]
    write_json(record.path_of("wall_latest"), {"variants": tiles})
    summary = summarize(record.view(), read_wall(record))
    assert summary["columns"] == ["wall/ring", "train/loss"]
    assert [row["last"].get("wall/ring") for row in summary["rows"]] == [0.5, 0.25, None]
    assert summary["rows"][2]["last"] == {"train/loss": 3.0}
    assert summary["pareto"] == [1]  # the least ring and the largest loss of those that have both
    assert summary["missing"] == ["x"]


def test_a_sweep_that_has_not_begun_has_no_numbers(make_sweep):
    record = make_sweep(THREE)
    summary = summarize(record.view(), read_wall(record))
    assert [row["state"] for row in summary["rows"]] == ["created"] * 3
    assert (summary["columns"], summary["pareto"]) == ([], [])
