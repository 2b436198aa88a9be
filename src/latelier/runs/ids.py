"""Ids of runs and sweeps: sortable by time, readable, and safe as one component of a path."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

from latelier.config.errors import RunNotFoundError

RUN_ID_PATTERN = r"[a-z0-9][a-z0-9_-]{0,63}"
_RUN_ID = re.compile(RUN_ID_PATTERN)
_TOKEN_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without 0 o 1 i l, which people misread
_MODEL_LENGTH = 18
_DATASET_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Noun:
    """What the folders that have an id are, as messages say it.

    Attributes:
        word: The noun in the singular; the plural has an ``s``.
        listing: The command that lists them.
    """

    word: str
    listing: str

    @property
    def remedy(self) -> str:
        """What to do about an id that is not there."""
        return f"List the {self.word}s with `{self.listing}`."


RUN = Noun("run", "latelier ls")
SWEEP = Noun("sweep", "latelier sweeps")


def is_run_id(text: object) -> bool:
    """Tell whether a text has the form of a run id; it may come from anywhere."""
    return isinstance(text, str) and _RUN_ID.fullmatch(text) is not None


def check_run_id(text: str, noun: Noun = RUN) -> str:
    """Return the text if it has the form of a run id, which that of a sweep has too.

    Args:
        text: What may be an id; it may come from anywhere.
        noun: What it is the id of, for the message.

    Raises:
        RunNotFoundError: If it has not; nothing on the disk was looked at.
    """
    if is_run_id(text):
        return text
    raise RunNotFoundError(
        f"this is not a {noun.word} id",
        got=repr(text),
        expected="lower-case letters, digits, '-' and '_', at most 64, no path",
        remedy=noun.remedy,
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


def resolve(text: str, run_ids: Iterable[str], noun: Noun = RUN) -> str:
    """Find the one id that a text names: the whole of it, or a beginning that no other shares.

    Raises:
        RunNotFoundError: If no id, or more than one, begins with the text.
    """
    check_run_id(text, noun)
    matches = sorted(run_id for run_id in run_ids if run_id.startswith(text))
    if text in matches:
        return text
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise RunNotFoundError(f"no such {noun.word}", got=repr(text), remedy=noun.remedy)
    shown = ", ".join(matches[:4]) + (", …" if len(matches) > 4 else "")
    raise RunNotFoundError(
        f"{len(matches)} {noun.word}s begin with {text!r}",
        got=shown,
        expected="one",
        remedy="Type more of the id.",
    )


def _slug(text: str, length: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:length].strip("-")


def _random_token() -> str:
    return "".join(_TOKEN_LETTERS[byte % len(_TOKEN_LETTERS)] for byte in os.urandom(4))
