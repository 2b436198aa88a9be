"""How one row of the name table turns keys into a file name, and a file name back into keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from latelier.config.errors import RunError

Key = int | str
LATEST = "latest"
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, written without leading zeros."""

    low: int
    high: int

    @property
    def regex(self) -> str:
        """What it looks like in a file name."""
        return r"-?\d{1,15}" if self.low < 0 else r"\d{1,15}"

    def text(self, name: str, value: object) -> str:
        """Write a value, or refuse it."""
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise _refused(name, value, "a whole number")
        number = value.__index__()
        if not self.low <= number <= self.high:
            raise _refused(name, value, f"a whole number from {self.low} to {self.high}")
        return str(number)

    def value(self, text: str) -> int:
        """Read a value back; ValueError if it was not written by `text`."""
        number = int(text)
        if not self.low <= number <= self.high or str(number) != text:
            raise ValueError(text)
        return number


@dataclass(frozen=True, slots=True)
class Word:
    """A text of one fixed form: an identifier, a hash, or one of a few words."""

    regex: str
    expected: str

    def text(self, name: str, value: object) -> str:
        """Write a value, or refuse it."""
        if not isinstance(value, str) or not re.fullmatch(self.regex, value):
            raise _refused(name, value, self.expected)
        return str(value)

    def value(self, text: str) -> str:
        """Read a value back; it is what stands in the name."""
        return text


def one_of(*words: str) -> Word:
    """A word out of a closed list."""
    return Word("(?:" + "|".join(map(re.escape, words)) + ")", "one of " + ", ".join(words))


_COUNT = Whole(0, 999_999_999)
FIELDS: dict[str, Whole | Word] = {
    "epoch": _COUNT,
    "step": Whole(0, 999_999_999_999),
    "idx": _COUNT,  # dataset_idx of the example
    "dataset_idx": _COUNT,
    "m": Whole(1, 10_000),  # samples in a grid
    "c": Whole(0, 99_999),  # mixture component, or channel
    "in_channel": Whole(0, 99_999),
    "x": Whole(0, 99_999),
    "y": Whole(0, 99_999),
    "d": Whole(0, 99_999),  # latent dimension
    "n": Whole(1, 999_999_999),  # size of a subset
    "k": Whole(1, 10_000),
    "to": _COUNT,  # dataset_idx of the example at the other end
    "delta": Whole(-999_999_999, 999_999_999),  # thousandths
    "u": Whole(-999_999_999, 999_999_999),  # thousandths of a map's unit, first axis
    "v": Whole(-999_999_999, 999_999_999),  # second axis
    "threshold": Whole(0, 999),  # alignment with a direction, thousandths
    "strength": Whole(1, 1000),  # share of an intervention, thousandths
    "seed": Whole(0, 2**32 - 1),
    "sample": Whole(0, 999_999_999),
    "number": _COUNT,
    "layer_id": Word(
        r"(?=.{1,64}(?:/|$))[a-z0-9_]+(?:[.-][a-z0-9_]+)*",
        "an id out of layers.json: at most 64 of a-z, 0-9 and '_', with single '.' or '-' between",
    ),
    "key": one_of("z", "mu", "logvar", "z_sample", "qc_probs"),
    "metric": one_of("max", "mean"),
    "method": one_of("pca", "umap"),
    "mode": one_of("linear", "spherical"),
    "sha256": Word(r"[0-9a-f]{64}", "64 hexadecimal digits, lower case"),
}


@dataclass(frozen=True)
class ArtifactSpec:
    """One row of the name table.

    Attributes:
        kind: Its name in the API, in events and in payloads.
        pattern: Path inside the run folder, with a field per key: ``…_epoch_{epoch}.json``.
        latest: Path of the mirror of the newest epoch, or None if it has none.
        media_type: What the server says it is.
        on_demand: Made when somebody asks for it, not at a cadence.
        description: One sentence for the docs.
        options: Fields that a request adds to the name when they are not the default, in the
            order in which they are written.
        record: Part of the record itself (config, events, …), written by `runs` alone.
        schema_version: Version of the payload's fields; grows when one changes its meaning.
    """

    kind: str
    pattern: str
    latest: str | None
    media_type: str
    description: str
    on_demand: bool = False
    options: tuple[str, ...] = ()
    record: bool = False
    schema_version: int = 1

    @property
    def per_epoch(self) -> bool:
        """Whether there is one per epoch."""
        return "epoch" in self.keys

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Fields that every name of this kind needs, in the order in which they are written."""
        return tuple(_FIELD.findall(self.pattern))

    @property
    def snapshots(self) -> bool:
        """Whether a name may carry ``_step_<S>`` after its epoch: a frame inside an epoch."""
        return self.per_epoch and not self.on_demand and not self.record and "step" not in self.keys

    def path(self, **keys: object) -> str:
        """Build the path of one artifact inside the run folder.

        Args:
            **keys: A value per field. ``epoch="latest"`` asks for the mirror.

        Returns:
            A relative path with ``/`` between its parts.

        Raises:
            RunError: If a key is missing, unknown to this kind, of the wrong type or out of
                bounds. Nothing is clamped or guessed.
        """
        self._check_names(keys)
        pattern = self._mirror_pattern() if keys.get("epoch") == LATEST else self.pattern
        values = {
            name: FIELDS[name].text(name, value)
            for name, value in keys.items()
            if not (name == "epoch" and value == LATEST)
        }
        return self._with_options(pattern, values)

    def parse(self, path: str) -> dict[str, Key] | None:
        """Read the keys out of a path; None if it is not a name of this kind."""
        match = self._regex.fullmatch(path)
        if match is not None:
            return _values(match.groupdict())
        mirror = self._latest_regex.fullmatch(path) if self._latest_regex else None
        found = _values(mirror.groupdict()) if mirror else None
        return None if found is None else {"epoch": LATEST, **found}

    def _check_names(self, keys: Mapping[str, object]) -> None:
        allowed = {*self.keys, *self.options} | ({"step"} if self.snapshots else set())
        missing = [name for name in self.keys if name not in keys]
        unknown = [name for name in keys if name not in allowed]
        if missing or unknown:
            raise RunError(
                f"{self.kind} is named by other keys",
                got=", ".join(keys) or "none",
                expected=", ".join([*self.keys, *(f"{name} (optional)" for name in self.options)])
                or "none",
            )
        if ("x" in self.options or "y" in self.options) and ("x" in keys) != ("y" in keys):
            raise RunError(f"{self.kind} needs both coordinates of the probe", expected="x and y")

    def _mirror_pattern(self) -> str:
        if self.latest is None:
            raise RunError(f"{self.kind} has no mirror of the latest epoch", expected="an epoch")
        return self.latest

    def _with_options(self, pattern: str, values: dict[str, str]) -> str:
        if self.snapshots and "step" in values:
            if pattern is self.latest:
                raise RunError(f"the mirror of {self.kind} has no step", expected="no step")
            pattern = pattern.replace("epoch_{epoch}", "epoch_{epoch}_step_{step}", 1)
        stem, dot, suffix = pattern.rpartition(".")
        stem += "".join(f"_{name}_{{{name}}}" for name in self.options if name in values)
        return (stem + dot + suffix).format_map(values)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return _compile(self.pattern, self.options, snapshots=self.snapshots)

    @cached_property
    def _latest_regex(self) -> re.Pattern[str] | None:
        return _compile(self.latest, self.options, snapshots=False) if self.latest else None


def delta_key(delta: float) -> int:
    """Turn a change of a latent coordinate into the key ``delta``: signed thousandths.

    Raises:
        RunError: If it is not a whole number of thousandths: two answers would share a name.
    """
    thousandths = delta * 1000.0
    if not (abs(thousandths) < 1e9 and abs(thousandths - round(thousandths)) < 1e-6):
        raise RunError(
            "a delta cannot be named",
            got=delta,
            expected="a multiple of 0.001, below a million",
            remedy="Round it to three decimals.",
        )
    return round(thousandths)


def _compile(pattern: str, options: tuple[str, ...], *, snapshots: bool) -> re.Pattern[str]:
    stem, dot, suffix = pattern.rpartition(".")
    regex = _FIELD.sub(_group, re.escape(stem).replace(r"\{", "{").replace(r"\}", "}"))
    if snapshots:
        epoch = f"epoch_{_named('epoch')}"
        regex = regex.replace(epoch, f"{epoch}(?:_step_{_named('step')})?", 1)
    regex += "".join(f"(?:_{name}_{_named(name)})?" for name in options)
    return re.compile(regex + re.escape(dot + suffix))


def _group(match: re.Match[str]) -> str:
    return _named(match[1])


def _named(name: str) -> str:
    return f"(?P<{name}>{FIELDS[name].regex})"


def _values(groups: Mapping[str, str | None]) -> dict[str, Key] | None:
    try:
        return {name: FIELDS[name].value(text) for name, text in groups.items() if text is not None}
    except ValueError:
        return None


def _refused(name: str, value: Any, expected: str) -> RunError:
    return RunError(f"{name} cannot be part of a file name", got=repr(value), expected=expected)
