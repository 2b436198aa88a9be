"""Sweeps: one configuration, and the variants that a `sweep` section makes of it. No torch."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

from latelier.config.errors import ConfigError, Problem
from latelier.config.loading import SWEEP, Raw, checked, read_raw
from latelier.config.overrides import apply_overrides, replace_values
from latelier.config.problems import error_of
from latelier.config.schema import RunConfig
from latelier.config.sweep_axes import Choice, RandomAxis, label_of
from latelier.config.sweep_layout import layout_of
from latelier.config.sweep_schema import SweepConfig, check_section

MAX_VARIANTS = 10_000
_SHOWN_PROBLEMS = 20
_SLUG_LENGTH = 60
_UNIMPORTANT = {"name", "tags", "notes"}


@dataclass(frozen=True)
class Variant:
    """One variant of a sweep.

    Attributes:
        index: Its place, from 0.
        name: Made of what sets it apart; no other variant has it.
        slug: The same as a safe file name; no other variant has it.
        values: What it changes, by dotted key.
        places: Where it stands on each axis: axis → label.
        config: The run's configuration, checked.
        size: How many parts are on, where the sweep has subsets.
    """

    index: int
    name: str
    slug: str
    values: Mapping[str, Any]
    places: Mapping[str, str]
    config: RunConfig
    size: int | None = None


class LoadedSweep(NamedTuple):
    """A configuration, its sweep section, and the variants that they make.

    Attributes:
        base: The configuration.
        sweep: The section.
        variants: The variants, in order.
        written: The configuration as it was written, from which `expand` makes them again.
    """

    base: RunConfig
    sweep: SweepConfig
    variants: tuple[Variant, ...]
    written: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of the sweep."""
        return self.sweep.name or self.base.name[:64] or "sweep"

    @property
    def reference(self) -> int:
        """Index of the variant that maps are aligned to."""
        return _reference(self.sweep, self.variants)

    @property
    def layout(self) -> dict[str, Any]:
        """How a page arranges the variants; see `layout_of`."""
        drawn = any(isinstance(axis, RandomAxis) for axis in self.sweep.axes)
        return layout_of(self.variants, drawn=drawn)


def load_sweep(
    source: str | Path | Mapping[str, Any] | RunConfig,
    overrides: Sequence[str] = (),
    *,
    axes: Sequence[Mapping[str, Any]] = (),
    only: Sequence[str] = (),
) -> LoadedSweep:
    """Load a configuration with a `sweep` section, and check every variant.

    Args:
        source: As in `load_config`; the configuration itself is what the variants change.
        overrides: ``"a.b.c=value"`` each, of the configuration or of its section ``sweep``.
        axes: More axes, after those of the section.
        only: Keep these variants only, by name or by their name on one axis.

    Returns:
        The configuration, the sweep, and its variants in order.

    Raises:
        ConfigError: If there is nothing to vary, a key is unknown, a value cannot be used in a
            variant, two variants are the same, or there are more than `MAX_VARIANTS`. The message
            lists every problem with the variants that have it. Nothing was written.
    """
    raw = read_raw(source)
    values = apply_overrides(raw.values, overrides)
    section = values.pop(SWEEP, None)
    sweep = check_section(section, axes, only, raw.name)
    base, values = checked(replace(raw, values=values, folder=Path.cwd()))
    variants = expand(base, sweep, replace(raw, values=values))
    loaded = LoadedSweep(base, sweep, variants, values)
    _reference(sweep, variants)
    return loaded


def expand(base: RunConfig, sweep: SweepConfig, raw: Raw | None = None) -> tuple[Variant, ...]:
    """Make the variants of a sweep.

    Args:
        base: The configuration that they change.
        sweep: What varies.
        raw: The configuration as it was written, so that what follows from other settings (an
            objective's kind from its model's) still does; ``base`` as it is otherwise.

    Raises:
        ConfigError: See `load_sweep`.
    """
    raw = raw or Raw(base.model_dump(mode="json"), "the configuration", Path.cwd())
    _check_count(sweep, raw.name)
    lists = [list(axis.choices(base.seed)) for axis in sweep.axes]
    combined = [_combined(choices, lists) for choices in product(*lists)]
    combined = _chosen(_named(combined), sweep.only, raw.name)
    configs = _checked_configs(base, sweep, combined, raw)
    _check_different(combined, configs, raw.name)
    slugs = unique_slugs([draft.name for draft in combined])
    _check_map(sweep, combined, configs, raw.name)
    return tuple(
        Variant(index, draft.name, slug, draft.values, draft.places, config, draft.size)
        for index, (draft, slug, config) in enumerate(zip(combined, slugs, configs, strict=True))
    )


def unique_slugs(names: Iterable[str]) -> list[str]:
    """Make a safe file name of every name: lower case, digits, '.', '-'; no two are the same."""
    slugs: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r"[^a-z0-9.]+", "-", name.lower())[:_SLUG_LENGTH].strip("-.") or "variant"
        slug, number = plain, 1
        while slug in taken:
            number += 1
            slug = f"{plain}-{number}"
        taken.add(slug)
        slugs.append(slug)
    return slugs


# From axes to drafts of variants


@dataclass(frozen=True)
class _Draft:
    """A variant before its configuration was checked."""

    values: Mapping[str, Any]
    places: Mapping[str, str]
    named: frozenset[str]
    size: int | None
    name: str = ""


def _check_count(sweep: SweepConfig, source: str) -> None:
    count = math.prod(axis.count for axis in sweep.axes)
    if count > MAX_VARIANTS:
        raise ConfigError(
            f"{source}: the sweep has too many variants",
            got=count,
            expected=f"at most {MAX_VARIANTS}",
            remedy="Give fewer values, or draw some at random.",
        )


def _combined(choices: Sequence[Choice], lists: Sequence[Sequence[Choice]]) -> _Draft:
    """Join one setting of every axis; axes of one kind are told apart by a number."""
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    named: set[str] = set()
    for position, choice in enumerate(choices):
        if twice := sorted(values.keys() & choice.values.keys()):
            raise ConfigError(
                "two axes of the sweep set the same key", got=", ".join(twice), expected="one axis"
            )
        values |= choice.values
        for axis, label in choice.places.items():
            key = axis if axis not in places else f"{axis} {position + 1}"
            places[key] = label or ", ".join(f"{k}={v}" for k, v in _labels(choice.values).items())
            if choice.named:
                named.add(key)
    sizes = [choice.size for choice in choices if choice.size is not None]
    assert len(choices) == len(lists)
    return _Draft(values, places, frozenset(named), sizes[0] if len(sizes) == 1 else None)


def _labels(values: Mapping[str, Any]) -> dict[str, str]:
    return {key.rpartition(".")[2]: label_of(value) for key, value in values.items()}


def _named(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Give the drafts their names, and their axes the shortest keys that tell them apart."""
    keys = list(dict.fromkeys(key for draft in drafts for key in draft.places))
    short = _short_keys([key for key in keys if key not in {n for d in drafts for n in d.named}])
    named = []
    for draft in drafts:
        places = {short.get(key, key): label for key, label in draft.places.items()}
        parts = [
            label if key in draft.named else f"{short[key]}={label}"
            for key, label in draft.places.items()
        ]
        named.append(replace(draft, places=places, name=", ".join(parts)))
    return named


def _short_keys(keys: Sequence[str]) -> dict[str, str]:
    """Keep as many last parts of each dotted key as tell it from the others."""
    short = {}
    for key in keys:
        parts = key.split(".")
        tails = (".".join(parts[-length:]) for length in range(1, len(parts) + 1))
        short[key] = next(
            tail
            for tail in tails
            if tail == key or sum(k == tail or k.endswith(f".{tail}") for k in keys) == 1
        )
    return short


def _chosen(drafts: list[_Draft], only: Sequence[str] | None, source: str) -> list[_Draft]:
    """Keep the variants that are asked for."""
    if only is None:
        return drafts
    known = {name for draft in drafts for name in (draft.name, *draft.places.values())}
    if unknown := [name for name in only if name not in known]:
        close = [match for name in unknown for match in get_close_matches(name, known, n=2)]
        raise ConfigError(
            f"{source}: the sweep has no such variants",
            got=", ".join(unknown),
            expected=_some([draft.name for draft in drafts]),
            remedy=f"Did you mean {' or '.join(close)}?" if close else None,
        )
    asked = set(only)
    return [d for d in drafts if d.name in asked or asked & set(d.places.values())]


# Checks


def _checked_configs(
    base: RunConfig, sweep: SweepConfig, drafts: Sequence[_Draft], raw: Raw
) -> list[RunConfig]:
    """Check the configuration of every variant, and collect what is wrong with any of them."""
    found: dict[Problem, list[str]] = {}
    configs = []
    tags = _tags(base, sweep)
    for draft in drafts:
        try:
            values = replace_values(raw.values, draft.values)
            # A name may be of any length for people, but a run's display name may not.
            named = {**values, "name": draft.name[:200], "tags": tags}
            configs.append(checked(replace(raw, values=named))[0])
        except ConfigError as error:
            problems = error.problems or (
                Problem("", error.what, str(error.got or ""), error.expected or "", ""),
            )
            for problem in problems:
                found.setdefault(problem, []).append(draft.name)
    if found:
        raise _variant_error(found, len(drafts), raw.name)
    return configs


def _tags(base: RunConfig, sweep: SweepConfig) -> list[str]:
    """Add the sweep's name to the tags, where there is room."""
    name = (sweep.name or base.name)[:64]
    room = name and name not in base.tags and len(base.tags) < 32
    return [*base.tags, name] if room else list(base.tags)


def _variant_error(found: Mapping[Problem, list[str]], total: int, source: str) -> ConfigError:
    problems = []
    for problem, names in islice(found.items(), _SHOWN_PROBLEMS):
        where = "every variant" if len(names) == total > 1 else _some(names, quote=True)
        problems.append(replace(problem, what=f"{problem.what} ({where})"))
    if (more := len(found) - len(problems)) > 0:
        problems.append(Problem("", f"and {more} more"))
    return error_of(problems, f"{source}: the sweep's variants")


def _check_different(drafts: Sequence[_Draft], configs: Sequence[RunConfig], source: str) -> None:
    names = Counter(draft.name for draft in drafts)
    if twice := [name for name, count in names.items() if count > 1]:
        raise ConfigError(
            f"{source}: variants of the sweep share a name", got=_some(twice), expected="each once"
        )
    known: dict[str, str] = {}
    same = []
    for draft, config in zip(drafts, configs, strict=True):
        whole = config.model_dump_json(exclude=_UNIMPORTANT)
        if (first := known.setdefault(whole, draft.name)) != draft.name:
            same.append(f"{first!r} and {draft.name!r}")
    if same:
        raise ConfigError(
            f"{source}: variants of the sweep are the same",
            got=_some(same),
            expected="each once",
            remedy="Remove one of each; the name of a run makes no difference.",
        )


def _check_map(
    sweep: SweepConfig, drafts: Sequence[_Draft], configs: Sequence[RunConfig], source: str
) -> None:
    if sweep.map == "pca":
        return
    if sweep.map[0] == sweep.map[1]:
        raise ConfigError(f"{source}: sweep.map shows one dimension twice", got=list(sweep.map))
    small = [
        draft.name
        for draft, config in zip(drafts, configs, strict=True)
        if max(sweep.map) >= (getattr(config.model, "latent_dim", None) or math.inf)
    ]
    if small:
        raise ConfigError(
            f"{source}: sweep.map shows a dimension that variants do not have",
            got=f"dimension {max(sweep.map)} (they are counted from 0) of {_some(small)}",
            remedy="Set sweep.map to pca, or to smaller dimensions.",
        )


def _reference(sweep: SweepConfig, variants: Sequence[Variant]) -> int:
    wanted = sweep.reference
    if wanted is None:
        return len(variants) - 1
    names = [variant.name for variant in variants]
    if isinstance(wanted, str) and wanted in names:
        return names.index(wanted)
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return wanted
    raise ConfigError(
        "sweep.reference is not a variant",
        got=wanted,
        expected=f"an index from 0 to {len(names) - 1}, or one of {_some(names)}",
    )


def _some(names: Sequence[str], *, quote: bool = False) -> str:
    shown = [f"'{name}'" if quote else name for name in names[:5]]
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
