"""Which Latelier, torch and Python a machine would train with, told without importing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Versions(NamedTuple):
    """What has to be the same on every machine of a sweep.

    Attributes:
        python: Version of Python.
        torch: Version of torch, without the build that a machine's hardware asks for.
        latelier: Version of Latelier.
        code: Hash of its source files.
    """

    python: str
    torch: str
    latelier: str
    code: str


def version_finder() -> Callable[[], tuple[str, str, str, str]]:
    """Make the function that tells the versions of the machine that it runs on.

    It is made in here, and imports what it needs, so that it travels with its code: a machine
    without Latelier can run it.
    """

    def find() -> tuple[str, str, str, str]:
        """Look up versions where this runs: it is sent to a worker by itself."""
        import hashlib
        import platform
        from importlib.metadata import PackageNotFoundError, version
        from importlib.util import find_spec
        from pathlib import Path

        def installed(name: str) -> str:
            """Return the version of a package without its local part, or `none`."""
            try:
                return version(name).partition("+")[0]
            except PackageNotFoundError:
                return "none"

        spec = find_spec("latelier")
        if spec is None or spec.origin is None:
            return platform.python_version(), installed("torch"), "none", "none"
        code, root = hashlib.sha256(), Path(spec.origin).parent
        for path in sorted(root.rglob("*.py")):
            code.update(f"{path.relative_to(root).as_posix()}\n".encode())
            code.update(path.read_bytes())
        latelier = installed("latelier")
        return platform.python_version(), installed("torch"), latelier, code.hexdigest()[:12]

    return find


def versions_here() -> Versions:
    """Tell the versions of this machine."""
    return Versions(*version_finder()())


def differences(here: Versions, there: Versions) -> str:
    """Say in which versions a machine differs; empty if in none."""
    pairs = zip(Versions._fields, there, here, strict=True)
    return ", ".join(f"{name} {other} (here {own})" for name, other, own in pairs if other != own)
