"""Which examples train and which are held out: stratified by label, decided by the seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from latelier.config.data import DataConfig
from latelier.config.errors import DataError
from latelier.data.seeds import Stream, numpy_rng

Indices = NDArray[np.int64]


def quotas(counts: Indices, total: int) -> Indices:
    """Divide `total` among classes in proportion to their sizes (largest remainder).

    Args:
        counts: Examples per class, [K] int64.
        total: Number to divide, at most the sum of `counts`.

    Returns:
        Number per class, [K] int64; sums to `total`, none above its count, each within one of its
        exact share. Ties go to the lower class.

    Example:
        >>> quotas(np.array([50, 30, 20]), 5).tolist()
        [3, 1, 1]
    """
    shares, remainders = np.divmod(counts * total, max(int(counts.sum()), 1))
    left = total - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:left]] += 1
    return np.asarray(shares, dtype=np.int64)


def stratified_sample(
    rows: Indices, labels: Indices | None, count: int, rng: np.random.Generator
) -> Indices:
    """Draw `count` of `rows` without replacement, each class in proportion to its size.

    Args:
        rows: dataset_idx to draw from, [M] int64.
        labels: Labels of all examples, [N]; without them the draw is plain.
        count: How many, at most M.
        rng: Source of randomness.

    Returns:
        The drawn dataset_idx, ascending, [count] int64.
    """
    if labels is None:
        return np.sort(rng.permutation(rows)[:count])
    own = labels[rows]
    quota = quotas(np.bincount(own), count)
    drawn = [rng.permutation(rows[own == label])[:take] for label, take in enumerate(quota)]
    return np.sort(np.concatenate(drawn))


def split_rows(
    count: int,
    labels: Indices | None,
    config: DataConfig,
    *,
    seed: int,
    train_part: int | None = None,
) -> tuple[Indices, Indices]:
    """Decide which examples train and which are held out.

    Args:
        count: Number of examples N.
        labels: Their labels, [N], or None.
        config: Reads `held_out` (where the set has no test part of its own) and `limit`.
        seed: Seed of the run.
        train_part: Rows before this one are the set's training part, the others its test part.

    Returns:
        (train, held_out), dataset_idx, ascending.

    Raises:
        DataError: If nothing is left to train on or to hold out, or `limit` exceeds the data.
    """
    rows = np.arange(count)
    if train_part is not None:
        train, held_out = rows[:train_part], rows[train_part:]
    else:
        wanted = _held_out_count(count, config.held_out)
        rng = numpy_rng(seed, Stream.SPLIT)
        held_out = stratified_sample(rows, labels, wanted, rng)
        train = np.setdiff1d(rows, held_out, assume_unique=True)
    return _limited(train, labels, config.limit, seed), held_out


def _held_out_count(count: int, fraction: float) -> int:
    wanted = int(count * fraction + 0.5)
    if wanted >= count or (fraction > 0 and wanted == 0):
        part = "to train on" if wanted >= count else "in the held-out part"
        raise DataError(
            f"data.held_out leaves nothing {part}",
            got=f"{fraction:g} of {count} examples",
            expected="at least one example on both sides",
            remedy="Change data.held_out (0 holds nothing out), or give more examples.",
        )
    return wanted


def _limited(train: Indices, labels: Indices | None, limit: int | None, seed: int) -> Indices:
    if limit is None:
        return train
    if limit > len(train):
        raise DataError(
            "data.limit is larger than the training data",
            got=limit,
            expected=f"at most {len(train)}",
            remedy="Lower or remove data.limit.",
        )
    return stratified_sample(train, labels, limit, numpy_rng(seed, Stream.LIMIT))


def check_classes(
    labels: Indices, train: Indices, classes: int, names: tuple[str, ...] | None
) -> None:
    """Raise DataError if a class has no training example."""
    present = np.bincount(labels[train], minlength=classes)
    empty = np.flatnonzero(present == 0).tolist()
    if not empty:
        return
    shown = ", ".join(repr(names[label]) if names else str(label) for label in empty[:5])
    more = f" and {len(empty) - 5} more" if len(empty) > 5 else ""
    raise DataError(
        f"{len(empty)} of {classes} classes have no training example",
        got=f"{len(train)} training examples, none of class {shown}{more}",
        expected="at least one per class 0..K−1",
        remedy="Raise data.limit, lower data.held_out, or renumber the labels without gaps.",
    )


def with_label_noise(
    labels: Indices, train: Indices, classes: int, fraction: float, *, seed: int
) -> Indices:
    """Replace a fraction of the training labels, each by another class, uniformly.

    Args:
        labels: Labels of all examples, [N].
        train: dataset_idx of the training examples.
        classes: Number of classes K.
        fraction: Fraction of the training examples, rounded to whole examples.
        seed: Seed of the run.

    Returns:
        New labels, [N]; held-out labels are unchanged.

    Raises:
        DataError: If there is no other class.
    """
    if classes < 2:
        raise DataError(
            "data.label_noise needs another class to change to",
            got=f"{classes} class",
            expected="two or more",
            remedy="Set data.label_noise=0.",
        )
    rng = numpy_rng(seed, Stream.LABEL_NOISE)
    changed = rng.permutation(train)[: int(len(train) * fraction + 0.5)]
    noisy = labels.copy()
    noisy[changed] = (labels[changed] + rng.integers(1, classes, len(changed))) % classes
    return noisy
