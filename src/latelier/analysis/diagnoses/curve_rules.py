"""Rules about the curves: overfitting, and a learning rate that is too high."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from latelier.analysis.diagnoses.facts import Columns, RunFacts
from latelier.analysis.diagnoses.finding import Finding, Knob
from latelier.analysis.diagnoses.settings import learning_rate

Curve = npt.NDArray[np.float64]

RISE = 0.02
"""Overfitting: held-out loss rose by more than this share of what it had fallen."""

MUCH_RISE = 0.1
LEAST_EPOCHS = 4
"""A minimum is told from noise by what follows it: the last three epochs."""

WINDOW = 20
"""Steps before a step that it is compared with."""

JUMP = 0.5
"""A spike is this much above the median of the steps before, in units of that median."""

JUMP_BATCH = 32
"""Batches smaller than this are noisier: the height grows with the root of the ratio."""

FEWEST_SPIKES = 3
"""So many spikes count, or a single one that is higher than the next number."""

GREAT_JUMP = 3.0
_BLOCK = 1 << 16


def no_held_out_loss(facts: RunFacts) -> str | None:
    """Say why overfitting cannot be judged."""
    epoch, _, held_out = _losses(facts.epochs)
    if len(epoch) == 0 and not np.isfinite(_curve(facts.epochs, "val/loss")).any():
        return "no example was held out"
    if len(held_out) < LEAST_EPOCHS:
        return f"fewer than {LEAST_EPOCHS} epochs were measured"
    return None


def overfitting(facts: RunFacts) -> Finding | None:
    """Find where loss on held-out data began to rise while training loss went on falling."""
    epoch, train, held_out = _losses(facts.epochs)
    best = int(held_out.argmin())
    if best > len(held_out) - LEAST_EPOCHS:
        return None
    fallen = float(held_out[0] - held_out[best])
    rise = float(np.median(held_out[-3:]) - held_out[best])
    learned = float(train[best] - np.median(train[-3:]))
    # Where a weight of the schedule rises, both losses do: that is no overfitting.
    if learned <= 0 or rise <= max(RISE * fallen, 0.0) or rise <= 2 * _noise(held_out[best:]):
        return None
    onset = int(epoch[best])
    return Finding(
        severity="problem" if rise > MUCH_RISE * fallen else "warning",
        epoch=onset,
        step=onset * facts.steps_per_epoch,
        title="Overfitting",
        text=f"Since epoch {onset} the loss on held-out examples has risen by {rise:.3g} while "
        f"that on training examples fell by {learned:.3g}: what is learned since is not general.",
        evidence={
            "lowest_held_out_loss": float(held_out[best]),
            "last_held_out_loss": float(held_out[-1]),
            "last_training_loss": float(train[-1]),
            "rise": rise,
            "training_fell_by": learned,
        },
        knob=_shorter(facts, onset),
    )


def no_steps(facts: RunFacts) -> str | None:
    """Say why the learning rate cannot be judged."""
    if facts.non_finite_step is None and len(_step_losses(facts)[0]) <= WINDOW:
        return f"fewer than {WINDOW} steps were recorded"
    return None


def learning_rate_too_high(facts: RunFacts) -> Finding | None:
    """Find updates that overshoot: loss that leaps above what it just was, again and again."""
    step, loss = _step_losses(facts)
    heights = jump_heights(loss)
    least = JUMP * max(1.0, (JUMP_BATCH / (facts.setting("training.batch_size") or 1)) ** 0.5)
    spikes = np.flatnonzero(heights > least)
    highest = float(heights.max(initial=0.0))
    ended = facts.non_finite_step is not None
    great = highest > GREAT_JUMP * least / JUMP
    often = len(spikes) >= FEWEST_SPIKES
    if not (ended or often or great):
        return None
    first = int(step[spikes[0]]) if len(spikes) else int(facts.non_finite_step or 0)
    evidence: dict[str, float | tuple[int, ...]] = {
        "spikes": len(spikes),
        "steps": tuple(int(one) for one in step[spikes[:20]]),
        "highest_jump": highest,
    }
    if facts.non_finite_step is not None:
        evidence["non_finite_step"] = facts.non_finite_step
    return Finding(
        severity="problem" if ended or (often and great) else "warning",
        epoch=first // facts.steps_per_epoch + 1,
        step=first,
        title="Learning rate too high",
        text="The loss leaps far above its recent values"
        + (", and in the end it was no number any more." if ended else ".")
        + " Updates overshoot, and what was learned before a leap is lost.",
        evidence=evidence,
        knob=learning_rate(facts, "Lower it three- to tenfold, or set training.clip_norm."),
    )


def jump_heights(loss: Curve) -> Curve:
    """Measure how far each step's loss is above the steps before.

    Args:
        loss: A loss per step, [S].

    Returns:
        For each step its height above the median of the `WINDOW` steps before, in units of that
        median, or of a tenth of what the loss had fallen by then where that is more, [S]; 0 for
        the first step, and where there is nothing to measure with.
    """
    if len(loss) < 2:
        return np.zeros(len(loss))
    padded = np.concatenate([np.full(WINDOW - 1, np.nan), loss[:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)
    typical = np.concatenate(
        [np.nanmedian(windows[at : at + _BLOCK], axis=1) for at in range(0, len(windows), _BLOCK)]
    )
    fallen = loss[0] - np.minimum.accumulate(loss)[:-1]
    unit = np.maximum(np.abs(typical), 0.1 * fallen)
    heights = np.zeros(len(loss))
    np.divide(loss[1:] - typical, unit, out=heights[1:], where=unit > 0)
    return heights


def _step_losses(facts: RunFacts) -> tuple[Curve, Curve]:
    """Return the steps and what is lost in reconstruction, or the whole loss, finite rows only.

    Reconstruction is what overshooting shows in, and no weight of the schedule scales it.
    """
    columns = facts.steps
    if "train/recon" in columns:
        loss = _curve(columns, "train/recon")
    elif "train/log_likelihood" in columns:
        loss = -_curve(columns, "train/log_likelihood")
    else:
        loss = _curve(columns, "train/loss")
    known = np.isfinite(loss)
    return _curve(columns, "step")[: len(loss)][known], loss[known]


def _losses(columns: Columns) -> tuple[Curve, Curve, Curve]:
    """Return epoch, training loss and held-out loss of the epochs that have both."""
    epoch, train, held_out = (_curve(columns, n) for n in ("epoch", "train/loss", "val/loss"))
    if not len(epoch) == len(train) == len(held_out):
        return np.empty(0), np.empty(0), np.empty(0)
    known = np.isfinite(train) & np.isfinite(held_out) & (epoch > 0)
    return epoch[known], train[known], held_out[known]


def _curve(columns: Columns, name: str) -> Curve:
    """Return a column [rows] as numbers, NaN where it has none; empty where it is missing."""
    return np.array([np.nan if value is None else value for value in columns.get(name, ())], float)


def _noise(curve: Curve) -> float:
    """Return the typical deviation of a curve from its own trend: of each value from its peers."""
    if len(curve) < 3:
        return 0.0
    bends = np.abs(curve[1:-1] - (curve[:-2] + curve[2:]) / 2)
    return float(np.median(bends))


def _shorter(facts: RunFacts, epoch: int) -> Knob:
    advice = "or vary the training images (data.augment), or raise training.weight_decay."
    if facts.setting("schedule.steps") is not None:
        steps = epoch * facts.steps_per_epoch
        return Knob("schedule.steps", f"Stop near step {steps}, {advice}")
    return Knob("schedule.epochs", f"Stop near epoch {epoch}, {advice}")
