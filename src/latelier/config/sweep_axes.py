"""Axes of a sweep: each is a list of settings to try; a sweep multiplies them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from latelier.config.base import FROM_LIST, Frozen, setting
from latelier.config.errors import ConfigError

_DIGITS = 6  # of a number drawn at random: enough to be any number, few enough to be read
_REDRAWS = 100

Key = Annotated[str, Field(min_length=1, max_length=200)]
Values = Annotated[tuple[Any, ...], FROM_LIST, Field(min_length=1)]
PartName = Annotated[str, Field(pattern=r"^[^+,\s]([^+,]*[^+,\s])?$", max_length=64)]


@dataclass(frozen=True)
class Choice:
    """One setting on an axis.

    Attributes:
        values: Dotted key → value.
        places: Where it stands: a dotted key or the axis's own name → label.
        named: Whether the labels are names by themselves, without the key before them.
        size: How many parts are on, where the axis has parts.
    """

    values: Mapping[str, Any]
    places: Mapping[str, str]
    named: bool = False
    size: int | None = None


class GridAxis(Frozen):
    """Every combination of the listed values."""

    kind: Literal["grid"] = "grid"
    keys: dict[Key, Values] = setting(
        ..., "Dotted key → values to try; the last key varies fastest.", min_length=1
    )

    @property
    def count(self) -> int:
        """Number of settings."""
        return math.prod(len(values) for values in self.keys.values())

    def choices(self, base_seed: int) -> Iterator[Choice]:  # noqa: ARG002
        """List the settings in order."""
        for combination in product(*self.keys.values()):
            values = dict(zip(self.keys, combination, strict=True))
            yield Choice(values, {key: label_of(value) for key, value in values.items()})


class ListedVariant(Frozen):
    """One variant, written out."""

    name: str = setting("", "What it is called; made of its values when empty.", max_length=120)
    values: dict[Key, Any] = setting(..., "Dotted key → value.")


class ListAxis(Frozen):
    """Variants as they are written."""

    kind: Literal["list"] = "list"
    variants: Annotated[tuple[ListedVariant, ...], FROM_LIST] = setting(
        ..., "The variants.", min_length=1
    )

    @property
    def count(self) -> int:
        """Number of settings."""
        return len(self.variants)

    def choices(self, base_seed: int) -> Iterator[Choice]:  # noqa: ARG002
        """List the settings in order."""
        for variant in self.variants:
            yield Choice(variant.values, {"variant": variant.name}, named=True)


class Range(Frozen):
    """Numbers between two bounds, both included."""

    low: float = setting(..., "Least value.")
    high: float = setting(..., "Largest value.")
    scale: Literal["linear", "log"] = setting("linear", "'log' spreads evenly over magnitudes.")
    whole: bool = setting(False, "Whole numbers only.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ConfigError(
                "low is not below high", got=[self.low, self.high], expected="low < high"
            )
        if self.scale == "log" and self.low <= 0:
            raise ConfigError("a logarithmic range begins above 0", got=self.low)
        if self.whole and not (self.low.is_integer() and self.high.is_integer()):
            raise ConfigError(
                "whole numbers have whole bounds", got=[self.low, self.high], expected="integers"
            )
        return self

    def draw(self, generator: random.Random) -> float | int:
        """Draw one number."""
        if self.scale == "log":
            value = math.exp(generator.uniform(math.log(self.low), math.log(self.high)))
        elif self.whole:
            return generator.randint(int(self.low), int(self.high))
        else:
            value = generator.uniform(self.low, self.high)
        if self.whole:
            return round(min(max(value, self.low), self.high))
        return min(max(float(f"{value:.{_DIGITS}g}"), self.low), self.high)


def _range_or_values(value: Any) -> str:
    return "values" if isinstance(value, list | tuple) else "range"


Draw = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Values, Tag("values")],
    Discriminator(_range_or_values),
]


class RandomAxis(Frozen):
    """Settings drawn at random, the same for the same seed."""

    kind: Literal["random"] = "random"
    samples: int = setting(..., "How many settings, all different.", ge=1)
    seed: int = setting(0, "Seed of the draws.", ge=0, lt=2**31)
    keys: dict[Key, Draw] = setting(
        ..., "Dotted key → range {low, high, scale, whole} or a list to choose from.", min_length=1
    )

    @property
    def count(self) -> int:
        """Number of settings."""
        return self.samples

    def choices(self, base_seed: int) -> Iterator[Choice]:  # noqa: ARG002
        """Draw the settings.

        Raises:
            ConfigError: If there are fewer different settings than samples.
        """
        streams = {key: random.Random(f"{self.seed}/{key}") for key in self.keys}
        seen: set[tuple[str, ...]] = set()
        for _ in range(self.samples):
            for _ in range(_REDRAWS):
                values = {key: _drawn(draw, streams[key]) for key, draw in self.keys.items()}
                places = {key: label_of(value) for key, value in values.items()}
                if (which := tuple(map(repr, values.values()))) not in seen:
                    break
            else:
                raise ConfigError(
                    "a random axis found too few different settings",
                    got=f"{len(seen)} in {_REDRAWS} draws more",
                    expected=f"{self.samples}",
                    remedy="Lower samples, or widen its ranges.",
                )
            seen.add(which)
            yield Choice(values, places)


def _drawn(draw: Range | tuple[Any, ...], generator: random.Random) -> Any:
    return draw.draw(generator) if isinstance(draw, Range) else generator.choice(draw)


Seed = Annotated[int, Field(ge=0, lt=2**31)]


def _count_or_list(value: Any) -> str:
    return "list" if isinstance(value, list | tuple) else "count"


class SeedsAxis(Frozen):
    """The same with other seeds."""

    kind: Literal["seeds"] = "seeds"
    seeds: Annotated[
        Annotated[int, Field(ge=1), Tag("count")]
        | Annotated[tuple[Seed, ...], FROM_LIST, Field(min_length=1), Tag("list")],
        Discriminator(_count_or_list),
    ] = setting(..., "How many seeds, counted up from the configuration's; or the seeds.")

    @property
    def count(self) -> int:
        """Number of settings."""
        return self.seeds if isinstance(self.seeds, int) else len(self.seeds)

    def choices(self, base_seed: int) -> Iterator[Choice]:
        """List the settings in order."""
        first = range(base_seed, base_seed + self.count)
        for seed in first if isinstance(self.seeds, int) else self.seeds:
            yield Choice({"seed": seed}, {"seed": str(seed)})


class Switch(Frozen):
    """What a part that is on or off means."""

    on: dict[Key, Any] = setting(..., "Dotted key → value where it is on.", min_length=1)
    off: dict[Key, Any] = setting({}, "Dotted key → value where it is off.")


def _key_or_switch(value: Any) -> str:
    return "key" if isinstance(value, str) else "switch"


Part = Annotated[
    Annotated[Key, Tag("key")] | Annotated[Switch, Tag("switch")], Discriminator(_key_or_switch)
]


class SubsetsAxis(Frozen):
    """Every combination of named parts, each on or off; by size, then in the order of the parts."""

    kind: Literal["subsets"] = "subsets"
    parts: dict[PartName, Part] = setting(
        ..., "Name → the dotted key that is true or false, or {on: {…}, off: {…}}.", min_length=1
    )
    include_empty: bool = setting(False, "Also the variant with no part on.")
    only: Annotated[tuple[str, ...], FROM_LIST, Field(min_length=1)] | None = setting(
        None, "Only these subsets, such as 'polar + norm'; all when empty."
    )

    @property
    def count(self) -> int:
        """Number of settings."""
        if self.only is not None:
            return len(self.only)
        return int(2 ** len(self.parts)) - (not self.include_empty)

    def choices(self, base_seed: int) -> Iterator[Choice]:  # noqa: ARG002
        """List the settings in order.

        Raises:
            ConfigError: If ``only`` names a subset that there is not.
        """
        if self.only is None:
            for size in range(0 if self.include_empty else 1, len(self.parts) + 1):
                for subset in combinations(self.parts, size):
                    yield self._choice(subset)
            return
        wanted = {frozenset(self._parts_of(name)) for name in self.only}
        for parts in sorted(wanted, key=lambda s: (len(s), [p not in s for p in self.parts])):
            yield self._choice(tuple(part for part in self.parts if part in parts))

    def _parts_of(self, name: str) -> list[str]:
        names = [] if name == "none" else [part.strip() for part in name.split("+")]
        unknown = [part for part in names if part not in self.parts]
        if unknown or (not names and not self.include_empty):
            raise ConfigError(
                f"there is no such subset: {name}",
                got=", ".join(unknown) or name,
                expected=f"parts of {', '.join(self.parts)}, joined by ' + '",
            )
        return names

    def _choice(self, subset: tuple[str, ...]) -> Choice:
        values: dict[str, Any] = {}
        for name, part in self.parts.items():
            on = name in subset
            if isinstance(part, str):
                values[part] = on
            else:
                values |= part.on if on else part.off
        label = " + ".join(subset) or "none"
        return Choice(values, {"subset": label}, named=True, size=len(subset))


Axis = Annotated[
    GridAxis | ListAxis | RandomAxis | SeedsAxis | SubsetsAxis, Field(discriminator="kind")
]
"""One axis of a sweep, by its kind."""


def label_of(value: Any) -> str:
    """Write a value in a few characters; different numbers are written differently."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, float):
        short = f"{value:g}"
        return short if float(short) == value else repr(value)
    if isinstance(value, str | int):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
