"""Make `.venv` with pinned packages and Latelier in editable form; needs only Python ≥ 3.11."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"


def main() -> None:
    """Create the environment if it is missing, then install what is pinned."""
    if sys.version_info < (3, 11):  # noqa: UP036  # runs before anything checks the version
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Latelier needs Python 3.11 or later, found {found}: set PYTHON=python3.11")
    if not (VENV / "bin" / "python").exists():
        print(f"making {VENV.relative_to(ROOT)}", flush=True)
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("venv has no pip: install it (Debian: apt-get install python3-venv)")
    print("installing pinned packages (some minutes the first time)", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    pip += ["--disable-pip-version-check"]
    # Torch first and alone: resolvers would otherwise consider its newest, much larger builds.
    subprocess.run([*pip, "-r", "constraints.txt"], cwd=ROOT, check=True)
    subprocess.run([*pip, "-r", "requirements-dev.txt", "-e", "."], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
