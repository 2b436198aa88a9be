"""Build hook: a wheel carries the built page; an editable install serves `web/out` as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Put the exported page into the wheel as `latelier/web`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless it is to be left out."""
        if version == "editable" or os.environ.get("LATELIER_SKIP_WEB") == "1":
            return
        root = Path(self.root)
        subprocess.run([sys.executable, str(root / "scripts" / "build_page.py")], check=True)
        build_data["force_include"][str(root / "web" / "out")] = "latelier/web"

    def clean(self, versions: list[str]) -> None:
        """Remove the built page."""
        del versions
        shutil.rmtree(Path(self.root) / "web" / "out", ignore_errors=True)
