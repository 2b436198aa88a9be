"""Write the JSON Schema of every JSON artifact: docs/schemas/<kind>.json.

Those of a sweep's files are in docs/schemas/sweeps/.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from latelier.runs.payloads import PAYLOADS, payload_schema
from latelier.runs.payloads.walls import SWEEP_PAYLOADS, sweep_payload_schema

TARGET = Path(__file__).resolve().parents[1] / "docs" / "schemas"


def documents() -> dict[str, str]:
    """The files by name."""
    schemas = {kind: payload_schema(kind) for kind in PAYLOADS}
    schemas |= {f"sweeps/{kind}": sweep_payload_schema(kind) for kind in SWEEP_PAYLOADS}
    return {
        f"{name}.json": json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def stale() -> list[str]:
    """Names of files that are missing, old or too many."""
    there = {
        path.relative_to(TARGET).as_posix(): path.read_text(encoding="utf-8")
        for path in TARGET.rglob("*.json")
    }
    made = documents()
    return sorted(name for name in {*made, *there} if made.get(name) != there.get(name))


def main() -> None:
    """Write them; with --check only say whether they are current."""
    if "--check" in sys.argv:
        names = stale()
        sys.exit(f"stale: {', '.join(names)}" if names else 0)
    for path in TARGET.rglob("*.json"):
        path.unlink()
    for name, text in documents().items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
