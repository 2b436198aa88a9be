"""Build the page (`web/` → `web/out`), unless it is built from these very sources already.

Usage: build_page.py [TARGET]   TARGET: a folder that gets a copy of the built page.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
OUT = WEB / "out"
STAMP = WEB / "out" / ".built-from"
_NOT_SOURCES = {"node_modules", "out", ".next", "coverage", "test-results"}


def build_page() -> Path:
    """Build the page if its sources changed, and return the folder that holds it."""
    wanted = sources_digest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return OUT
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "the page needs npm to be built: install Node.js 20 or later, or set "
            "LATELIER_SKIP_WEB=1 to go without the page"
        )
    environment = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1"}
    if not installed():
        print("installing the page's packages", flush=True)
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=WEB, check=True, env=environment)
        (WEB / "node_modules" / ".installed-from").write_text(lock_digest())
    print("building the page", flush=True)
    subprocess.run([npm, "run", "build"], cwd=WEB, check=True, env=environment)
    _copy_swagger()
    STAMP.write_text(wanted)
    return OUT


def _copy_swagger() -> None:
    """Put the API's reference page beside ours, so that /docs needs no other host."""
    source, target = WEB / "node_modules" / "swagger-ui-dist", OUT / "swagger-ui"
    target.mkdir(exist_ok=True)
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "LICENSE"):
        shutil.copy2(source / name, target / name)


def installed() -> bool:
    """Whether node_modules is that of package-lock.json."""
    stamp = WEB / "node_modules" / ".installed-from"
    return stamp.is_file() and stamp.read_text() == lock_digest()


def lock_digest() -> str:
    """Hash of the pinned packages."""
    return hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()


def sources_digest() -> str:
    """Hash of every source file of the page, names included."""
    digest = hashlib.sha256()
    for path in sorted(WEB.rglob("*")):
        parts = path.relative_to(WEB).parts
        if path.is_file() and not _NOT_SOURCES & set(parts) and path.suffix != ".tsbuildinfo":
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Build, and copy where asked."""
    out = build_page()
    if len(sys.argv) > 1:
        target = Path(sys.argv[1])
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(out, target)


if __name__ == "__main__":
    main()
