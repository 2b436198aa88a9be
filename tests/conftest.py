"""Order of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

JOURNEYS = Path(__file__).parent / "journeys"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the journeys last: Playwright leaves an event loop running."""
    items.sort(key=lambda item: item.path.is_relative_to(JOURNEYS))
