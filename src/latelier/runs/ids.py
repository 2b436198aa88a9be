"""Run ids: sortable by time, readable, and safe as one component of a path."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable

from latelier.config.errors import RunNotFoundError

RUN_ID_PATTERN = r"[a-z0-9][a-z0-9_-]{0,63}"
_RUN_ID = re.compile(RUN_ID_PATTERN)
_TOKEN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without 0 o 1 i l, which people misread
_MODEL_LENGTH = 18
_DATASET_LENGTH = 24


def is_run_id(text: object) -> bool:
    """Tell whether a text has the form of a run id; it may come from anywhere."""
    return isinstance(text, str) and _RUN_ID.fullmatch(text) is not None


def check_run_id(text: str) -> str:
    """Return the text if it has the form of a run id.

    Raises:
        RunNotFoundError: If it has not; nothing on the disk was looked at.
    """
    if is_run_id(text):
        return text
    raise RunNotFoundError(
        "this is not a run id",
        got=repr(text),
        expected="lower-case letters, digits, '-' and '_', at most 64, no path",
        remedy="List the runs with `latelier ls`.",
    )


def new_run_id(
    model_kind: str, dataset: str, *, at: float | None = None, token: str | None = None
) -> str:
    """Make an id such as ``20261121-031204-gmvae-mnist-k3f9``.

    Args:
        model_kind: Kind of the model; what is not a letter or digit becomes ``-``.
        dataset: Name of the data set; treated the same.
        at: Seconds since 1970; now by default. Written in UTC.
        token: The last four characters; random by default.

    Returns:
        An id of at most 64 characters. Ids made in different seconds sort by time.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(at))
    parts = [stamp, _slug(model_kind, _MODEL_LENGTH), _slug(dataset, _DATASET_LENGTH)]
    return check_run_id("-".join([*filter(None, parts), token or _random_token()]))


def resolve(text: str, run_ids: Iterable[str]) -> str:
    """Find the one run that a text names: its whole id, or a beginning that no other shares.

    Raises:
        RunNotFoundError: If no run, or more than one, begins with the text.
    """
    check_run_id(text)
    matches = sorted(run_id for run_id in run_ids if run_id.startswith(text))
    if text in matches:
        return text
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise RunNotFoundError(
            "no such run", got=repr(text), remedy="List the runs with `latelier ls`."
        )
    shown = ", ".join(matches[:4]) + (", …" if len(matches) > 4 else "")
    raise RunNotFoundError(
        f"{len(matches)} runs begin with {text!r}",
        got=shown,
        expected="one",
        remedy="Type more of the id.",
    )


def _slug(text: str, length: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:length].strip("-")


def _random_token() -> str:
    return "".join(_TOKEN_LETTERS[byte % len(_TOKEN_LETTERS)] for byte in os.urandom(4))
