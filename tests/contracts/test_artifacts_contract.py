"""The name table against the names that the contract fixes, against docs/spec.md, and itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.config.errors import RunError
from latelier.runs import ARTIFACTS, LATEST, ArtifactSpec, artifact_name, parse_name
from latelier.runs.naming import FIELDS, Whole

SPEC = Path(__file__).parents[2] / "docs" / "spec.md"
FIELD = re.compile(r"\{(\w+)\}")
SHOWN_AS = {"epoch": "N", "step": "S", "idx": "i", "m": "M", "delta": "tag", "seed": "s"}
VALUES = {
    "epoch": 3,
    "step": 40,
    "idx": 7,
    "dataset_idx": 11,
    "m": 16,
    "c": 2,
    "in_channel": 5,
    "x": 1,
    "y": 4,
    "d": 6,
    "n": 100,
    "k": 9,
    "to": 21,
    "delta": -250,
    "u": -1500,
    "v": 20,
    "threshold": 250,
    "strength": 500,
    "seed": 8,
    "sample": 12,
    "number": 13,
    "layer_id": "conv1",
    "key": "mu",
    "metric": "max",
    "method": "umap",
    "mode": "spherical",
    "sha256": "0123456789abcdef" * 4,
}

HERE = Path(__file__).parent
# Every name that the lab's specification fixes, and every one that we added, written out by hand
# with the keys above.
FIXED = (HERE / "names_fixed.txt").read_text(encoding="utf-8").split()
ADDED = (HERE / "names_added.txt").read_text(encoding="utf-8").split()


def _names(spec: ArtifactSpec) -> list[str]:
    keys = {name: VALUES[name] for name in spec.keys}
    names = [spec.path(**keys)]
    return names + ([spec.path(**{**keys, "epoch": LATEST})] if spec.latest else [])


def test_the_table_makes_every_fixed_name_and_no_other() -> None:
    made = sorted(name for spec in ARTIFACTS.values() for name in _names(spec))
    assert made == sorted(FIXED + ADDED)


@pytest.mark.parametrize("name", FIXED + ADDED)
def test_every_fixed_name_is_parsed_back(name: str) -> None:
    parsed = parse_name(name)
    assert parsed is not None
    kind, keys = parsed
    assert artifact_name(kind, **keys) == name
    assert all(value in (VALUES[key], LATEST) for key, value in keys.items())


WORDS: dict[str, st.SearchStrategy[str]] = {
    "layer_id": st.builds(
        lambda parts, joint: joint.join(parts),
        st.lists(st.text("abz09_", min_size=1, max_size=9), min_size=1, max_size=6),
        st.sampled_from(".-"),
    ),
    "key": st.sampled_from(["z", "mu", "logvar", "z_sample", "qc_probs"]),
    "metric": st.sampled_from(["max", "mean"]),
    "method": st.sampled_from(["pca", "umap"]),
    "mode": st.sampled_from(["linear", "spherical"]),
    "sha256": st.text("0123456789abcdef", min_size=64, max_size=64),
}


@st.composite
def named(draw: st.DrawFn) -> tuple[str, dict[str, int | str]]:
    spec = draw(st.sampled_from(list(ARTIFACTS.values())))
    names = list(spec.keys)
    optional = [name for name in spec.options if name not in ("x", "y")]
    names += draw(st.lists(st.sampled_from(optional), unique=True)) if optional else []
    if "x" in spec.options and draw(st.booleans()):
        names += ["x", "y"]
    if spec.snapshots and draw(st.booleans()):
        names.append("step")
    keys = {name: draw(_value(name)) for name in names}
    if spec.latest and "step" not in keys and draw(st.booleans()):
        keys["epoch"] = LATEST
    return spec.kind, keys


def _value(name: str) -> st.SearchStrategy[int | str]:
    field = FIELDS[name]
    if isinstance(field, Whole):
        return st.integers(field.low, field.high)
    return WORDS[name]


@given(named())
@settings(deadline=None, max_examples=50)
def test_a_name_and_its_keys_are_one_to_one(artifact: tuple[str, dict[str, int | str]]) -> None:
    kind, keys = artifact
    name = artifact_name(kind, **keys)
    assert parse_name(name) == (kind, keys)
    assert not name.startswith("/")
    assert ".." not in name.split("/")
    assert "\\" not in name


@given(st.sampled_from(FIXED + ADDED), st.data())
@settings(deadline=None, max_examples=50)
def test_what_is_parsed_is_spelled_in_one_way_only(name: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("0123456789_/.-az"))
    changed = name[:position] + letter + name[position + 1 :]
    parsed = parse_name(changed)
    assert parsed is None or artifact_name(parsed[0], **parsed[1]) == changed


def test_every_row_is_told_apart_and_described() -> None:
    for kind, spec in ARTIFACTS.items():
        assert spec.kind == kind
        assert spec.description.endswith(".")
        assert set(spec.keys) <= set(FIELDS)
        suffix = spec.pattern.rpartition(".")[2]
        assert {"json": "application/json", "png": "image/png"}.get(suffix, spec.media_type) == (
            spec.media_type
        )
        if spec.latest:
            assert [name for name in spec.keys if name != "epoch"] == FIELD.findall(spec.latest)


def test_what_is_made_per_epoch_has_a_mirror_except_what_the_inspector_makes() -> None:
    without = {spec.kind for spec in ARTIFACTS.values() if spec.per_epoch and not spec.latest}
    inspector = {
        spec.kind for spec in ARTIFACTS.values() if spec.pattern.startswith(("network/", "eval"))
    }
    tensors = {"checkpoint_model", "checkpoint_optimizer", "checkpoint_state"}
    assert without <= inspector | tensors | {"posterior_local", "prior_component"}


def _spec_rows() -> dict[str, list[str]]:
    text = SPEC.read_text(encoding="utf-8")
    table = text.partition("<!-- name table: begin -->")[2].partition("<!-- name table: end -->")[0]
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("| `")
    ]
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0].strip("`"): row[1:] for row in rows}


def _shown(pattern: str | None) -> str:
    if pattern is None:
        return "–"
    return "`" + FIELD.sub(lambda match: f"<{SHOWN_AS.get(match[1], match[1])}>", pattern) + "`"


def _row(spec: ArtifactSpec) -> list[str]:
    made = "epoch" if spec.per_epoch else "once"
    made = "record" if spec.record else "on demand" if spec.on_demand else made
    options = (["step"] if spec.snapshots else []) + list(spec.options)
    return [
        _shown(spec.pattern),
        _shown(spec.latest),
        spec.media_type,
        made,
        ", ".join(options) or "–",
        spec.description,
    ]


def test_the_documented_table_is_the_table() -> None:
    assert _spec_rows() == {kind: _row(spec) for kind, spec in ARTIFACTS.items()}


def test_every_key_is_documented() -> None:
    text = SPEC.read_text(encoding="utf-8")
    section = text.partition("## 5. Artifacts")[2].partition("<!-- name table")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented == set(FIELDS)


def test_a_kind_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(RunError, match="no such kind"):
        artifact_name("passwords")
