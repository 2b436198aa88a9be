"""One set of known codes for all tests of the scores."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from known_codes import Codes, codes  # tests are no package


@pytest.fixture(scope="session")
def known() -> Codes:
    return codes()
