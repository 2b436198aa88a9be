"""Presets: ready configurations, listed with the comment at their head."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from latelier.config.errors import ConfigError


@dataclass(frozen=True)
class Preset:
    """A ready configuration.

    Args:
        name: Group and file name without ending: ``"lab/mnist5k-gmvae"``.
        path: Its YAML file.
        description: The comment at the file's head: what one will see.
    """

    name: str
    path: Path
    description: str


def preset_folder() -> Path:
    """Return the folder of presets: the package's own, or ``configs/`` in a source checkout.

    Raises:
        ConfigError: If the installation has neither.
    """
    package = Path(__file__).resolve().parents[1]
    packaged, checkout = package / "presets", package.parents[1] / "configs"
    for folder in (packaged, checkout):
        if folder.is_dir():
            return folder
    raise ConfigError(
        "no presets are installed",
        got=f"neither {packaged} nor {checkout}",
        remedy="Install latelier again, or give the path of a YAML file.",
    )


def presets() -> tuple[Preset, ...]:
    """List all presets by name, in alphabetical order."""
    folder = preset_folder()
    found = (
        Preset(path.relative_to(folder).with_suffix("").as_posix(), path, _head_comment(path))
        for path in folder.glob("*/*.yaml")
    )
    return tuple(sorted(found, key=lambda preset: preset.name))


def find_preset(name: str) -> Preset:
    """Find a preset by its full name, or by its last part where that is enough.

    Args:
        name: ``"lab/mnist5k-gmvae"`` or ``"mnist5k-gmvae"``.

    Raises:
        ConfigError: If no preset, or more than one, has that name; close matches are named.
    """
    known = presets()
    found = [p for p in known if p.name == name] or [
        p for p in known if p.name.rpartition("/")[2] == name
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(
            "more than one preset has that name",
            got=name,
            expected=" or ".join(p.name for p in found),
        )
    raise ConfigError(
        "no preset has that name",
        got=name,
        expected="one of " + ", ".join(p.name for p in known),
        remedy=_suggestion(name, known),
    )


def _suggestion(name: str, known: tuple[Preset, ...]) -> str | None:
    by_any_name = {p.name: p.name for p in known} | {
        p.name.rpartition("/")[2]: p.name for p in known
    }
    close = dict.fromkeys(by_any_name[n] for n in get_close_matches(name, by_any_name, n=3))
    return f"Did you mean {' or '.join(close)}?" if close else None


def _head_comment(path: Path) -> str:
    comment = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("#").strip())
    return " ".join(comment).strip()
