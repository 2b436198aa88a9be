"""Write the API reference from docstrings: docs/api.md."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "docs" / "api.md"
MODULES = {
    "latelier": "Train, watch, open.",
    "latelier.models": "Models of the family; any of them is an ordinary `torch.nn.Module`.",
    "latelier.losses": "Tensors to one number per example, in nats.",
    "latelier.lab.analyst": "A recorded run in memory, at any of its checkpoints.",
    "latelier.lab.backfill": "The analysis that a run lacks.",
}
ALSO = {"latelier": ("lab.watch:Watch", "runs:Metrics", "runs:RunSummary")}
_ONLY = {"latelier.lab.backfill": ("backfill", "BackfillReport")}
_SECTION = re.compile(r"^(Args|Attributes|Returns|Yields|Raises|Example):\s*$")
_HEAD = """# API reference

Generated from docstrings by `scripts/dump_api.py`; a test says so when it is old. Shapes: B
examples in a batch, `*shape` of each, D the size of a latent, S samples, K components, N points.
"""


def document() -> str:
    """The whole page."""
    parts = [_HEAD]
    for name, about in MODULES.items():
        parts.append(f"## `{name}`\n\n{about}\n")
        module = import_module(name)
        names = _ONLY.get(name, module.__all__ if hasattr(module, "__all__") else ())
        things = [(n, getattr(module, n)) for n in names if not n.startswith("_")]
        for other in ALSO.get(name, ()):
            home, _, what = other.partition(":")
            things.append((what, getattr(import_module(f"latelier.{home}"), what)))
        for title, thing in sorted(things, key=lambda pair: pair[0].lower()):
            parts += _entry(title, thing)
    return "\n".join(parts).rstrip() + "\n"


def stale() -> bool:
    """Whether the page on disk is not what would be written."""
    return not TARGET.exists() or TARGET.read_text(encoding="utf-8") != document()


def _entry(name: str, thing: Any) -> Iterator[str]:
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return
    yield f"### {name}\n"
    yield f"```python\n{name}{_signature(thing)}\n```\n"
    yield _described(inspect.getdoc(thing))
    if inspect.isclass(thing) and (methods := list(_methods(thing))):
        yield "\n".join(methods) + "\n"


def _methods(thing: type) -> Iterator[str]:
    """One line for each public method and property that is written in Latelier."""
    for name, member in inspect.getmembers_static(thing):
        if name.startswith("_") or not _is_ours(thing, name):
            continue
        if isinstance(member, property):
            yield f"- `.{name}`: {_first(member.fget)}"
        elif isinstance(member, classmethod | staticmethod):
            yield f"- `.{name}{_signature(member.__func__)}`: {_first(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"- `.{name}{_signature(member)}`: {_first(member)}"


def _is_ours(thing: type, name: str) -> bool:
    owner = next(base for base in thing.__mro__ if name in vars(base))
    return owner.__module__.startswith("latelier")


def _signature(thing: Any) -> str:
    if inspect.isclass(thing) and "__init__" not in _own_names(thing):
        return ""
    try:
        text = str(inspect.signature(thing))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"^\((self|cls)(, )?", "(", text)
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text)  # annotations are kept as text
    return re.sub(r"<(?:function|class|object) ([\w.<>]+)[^>]*>", r"\1", text)


def _own_names(thing: type) -> set[str]:
    ours = [base for base in thing.__mro__ if base.__module__.startswith("latelier")]
    return {name for base in ours for name in vars(base)}


def _first(function: Any) -> str:
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def _described(doc: str | None) -> str:
    """Turn a docstring into Markdown: sections become lists, examples become code."""
    lines, section = [], ""
    for line in (doc or "").splitlines():
        if found := _SECTION.match(line):
            section = found[1]
            lines += ["", f"**{section}**" if section != "Example" else "```pycon"]
            lines += [""] if section != "Example" else []
        elif not line.strip():
            lines += ["```"] if section == "Example" else []
            section = section if section != "Example" else ""
            lines.append("")
        elif section == "Example":
            lines.append(line.removeprefix("    "))
        elif section in ("Args", "Attributes", "Raises"):
            lines.append(_item(line))
        else:
            lines.append(line.strip() if section else line)
    lines += ["```"] if section == "Example" else []
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _item(line: str) -> str:
    found = re.match(r"^    (\*{0,2}\w+): (.*)$", line)
    return f"- `{found[1]}`: {found[2]}" if found else "  " + line.strip()


def main() -> None:
    """Write it; with --check only say whether it is current."""
    if "--check" in sys.argv:
        sys.exit("docs/api.md is stale: run scripts/dump_api.py" if stale() else 0)
    TARGET.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
