"""From `--grid`, `--random` and `--seeds` to axes of a sweep."""

from __future__ import annotations

from typing import Any

from latelier.config.errors import ConfigError


def axes_from_options(
    grid: list[str] | None, seeds: int | None, random: list[str] | None, samples: int | None
) -> list[dict[str, Any]]:
    """Write options as axes, as a configuration file would.

    Args:
        grid: ``KEY=V1,V2`` each; the values are a YAML list.
        seeds: How many.
        random: ``KEY=LOW..HIGH``, ``KEY=LOW..HIGH:log`` or ``KEY=V1,V2`` each.
        samples: How many settings are drawn.

    Raises:
        ConfigError: If an option cannot be read.
    """
    axes: list[dict[str, Any]] = []
    if grid:
        axes.append({"kind": "grid", "keys": dict(_split(text, "--grid") for text in grid)})
    if random or samples is not None:
        if not random or samples is None:
            raise ConfigError(
                "--random and --samples belong together",
                got="--samples alone" if samples is not None else "--random alone",
                expected="such as --random schedule.lr=1e-4..1e-2:log --samples 8",
            )
        keys = dict(_drawn(text) for text in random)
        axes.append({"kind": "random", "samples": samples, "keys": keys})
    if seeds is not None:
        axes.append({"kind": "seeds", "seeds": seeds})
    return axes


def _split(text: str, option: str) -> tuple[str, list[Any]]:
    from latelier.config.reading import parse_yaml

    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise ConfigError(f"{option} cannot be read", got=text, expected="KEY=V1,V2")
    return key.strip(), list(parse_yaml(f"[{values}]", f"{option} {text}"))


def _drawn(text: str) -> tuple[str, Any]:
    from latelier.config.reading import parse_yaml

    key, _, bounds = text.partition("=")
    if ".." not in bounds:
        return _split(text, "--random")
    low, _, rest = bounds.partition("..")
    high, colon, scale = rest.partition(":")
    values = [parse_yaml(part, f"--random {text}") for part in (low, high)]
    if not key.strip() or not all(isinstance(v, int | float) for v in values):
        raise ConfigError("--random cannot be read", got=text, expected="KEY=LOW..HIGH[:log]")
    drawn: dict[str, Any] = {"low": values[0], "high": values[1]}
    drawn["whole"] = all(isinstance(value, int) for value in values)
    return key.strip(), drawn | ({"scale": scale} if colon else {})
