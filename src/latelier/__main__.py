"""`python -m latelier` is `latelier`."""

from __future__ import annotations

from latelier.cli import main

if __name__ == "__main__":
    main()
