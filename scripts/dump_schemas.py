"""Write the JSON Schema of every JSON artifact: docs/schemas/<kind>.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from latelier.runs.payloads import PAYLOADS, payload_schema

TARGET = Path(__file__).resolve().parents[1] / "docs" / "schemas"


def documents() -> dict[str, str]:
    """The files by name."""
    return {
        f"{kind}.json": json.dumps(payload_schema(kind), indent=1, ensure_ascii=False) + "\n"
        for kind in PAYLOADS
    }


def stale() -> list[str]:
    """Names of files that are missing, old or too many."""
    there = {path.name: path.read_text(encoding="utf-8") for path in TARGET.glob("*.json")}
    made = documents()
    return sorted(name for name in {*made, *there} if made.get(name) != there.get(name))


def main() -> None:
    """Write them; with --check only say whether they are current."""
    if "--check" in sys.argv:
        names = stale()
        sys.exit(f"stale: {', '.join(names)}" if names else 0)
    TARGET.mkdir(exist_ok=True)
    for path in TARGET.glob("*.json"):
        path.unlink()
    for name, text in documents().items():
        (TARGET / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
