"""Find Chromium for the journeys, or install Debian's where we may; print where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_browser() -> str | None:
    """Return the path of a Chromium; LATELIER_BROWSER wins."""
    if given := os.environ.get("LATELIER_BROWSER"):
        return given
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (MAC if Path(MAC).exists() else None)


def main() -> None:
    """Install it if it is missing and apt can."""
    if find_browser() is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("installing Chromium for the journeys", flush=True)
        quiet = subprocess.DEVNULL
        subprocess.run(["apt-get", "update"], check=True, stdout=quiet)
        command = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        settled = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=True, stdout=quiet, env=settled)
    browser = find_browser()
    if browser is None:
        sys.exit(
            "the journeys need Chromium or Chrome: install one (Debian: apt-get install "
            "chromium), or name it in LATELIER_BROWSER"
        )
    print(f"browser: {browser}")


if __name__ == "__main__":
    main()
