"""Write the API's OpenAPI document for the page's generated types: web/openapi.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from latelier.server.app import create_app
from latelier.server.settings import Settings

TARGET = Path(__file__).resolve().parents[1] / "web" / "openapi.json"


def document() -> str:
    """The document as text: sorted neither by chance nor by us, with a newline at its end."""
    app = create_app(Settings(runs_dir=Path("runs")))
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it; with --check only say whether it is current."""
    text = document()
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.is_file() and TARGET.read_text() == text else f"{TARGET} is stale")
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
