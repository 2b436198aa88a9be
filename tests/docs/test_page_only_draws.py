"""The page draws what is on record: it has nothing to sample, project or compute latents with."""

from __future__ import annotations

import json
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
SOURCES = [
    path
    for path in (WEB / "src").rglob("*.ts*")
    if not path.name.endswith(".test.ts") and path.name != "schema.ts"
]
LIBRARIES = {
    "@fontsource-variable/inter",
    "@fontsource/jetbrains-mono",
    "next",
    "openapi-fetch",
    "react",
    "react-dom",
    "uplot",
}
"""Fonts, components, requests, axes. A library for numbers or models is none of the page's."""
NEVER = re.compile(r"Math\.random|getRandomValues|randomUUID|WebAssembly|navigator\.gpu")


def test_it_has_no_library_for_numbers_or_models() -> None:
    package = json.loads((WEB / "package.json").read_text("utf-8"))
    assert set(package["dependencies"]) == LIBRARIES


def test_it_draws_no_random_number_and_runs_no_compiled_code() -> None:
    assert len(SOURCES) > 100
    found = [str(path) for path in SOURCES if NEVER.search(path.read_text("utf-8"))]
    assert found == []
