"""The errors of Latelier: each says what is wrong, what was got, what is expected, the remedy."""

from __future__ import annotations

from dataclasses import dataclass


class LatelierError(Exception):
    """Base of every error that Latelier raises on purpose.

    Args:
        what: The thing that is wrong, as a short statement: ``"training.batch_size is too large"``.
        got: The offending value, quoted in the message.
        expected: What would have been accepted, in words.
        remedy: What to do about it, as an instruction.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        got: object = None,
        expected: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what = what
        self.got = got
        self.expected = expected
        self.remedy = remedy
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [self.what]
        if self.got is not None:
            parts.append(
                f"got {self.got!r}" if not isinstance(self.got, str) else f"got {self.got}"
            )
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        sentence = "; ".join(parts).rstrip(".") + "."
        return f"{sentence} {self.remedy}" if self.remedy else sentence


@dataclass(frozen=True)
class Problem:
    """One setting that cannot be used, for a form to show beside its field.

    Args:
        path: Dotted path of the setting: ``"training.batch_size"``; empty for the whole.
        what: What is wrong, beginning with the path.
        got: The offending value as it would be written in a file; empty where there is none.
        expected: What would have been accepted, in words; may be empty.
        remedy: What to do about it; may be empty.
    """

    path: str
    what: str
    got: str = ""
    expected: str = ""
    remedy: str = ""


class ConfigError(LatelierError, ValueError):
    """A configuration, preset, override or dopesheet that cannot be used."""

    problems: tuple[Problem, ...] = ()


class DataError(LatelierError, ValueError):
    """A data set that is missing, damaged, or does not fit the run."""


class ShapeError(LatelierError, ValueError):
    """Tensors whose shapes disagree; the message names the tensor."""


class RunError(LatelierError):
    """A run directory that cannot be used as asked."""

    exit_code = 3


class RunNotFoundError(RunError, LookupError):
    """No run of that id (or more than one that begins with it)."""

    exit_code = 4


class RunBusyError(RunError):
    """Another live process owns the run."""

    exit_code = 5


class RunCancelled(LatelierError):  # noqa: N818  # nothing went wrong
    """Somebody asked a run to stop whose loop is not Latelier's; raised inside that loop."""

    exit_code = 130


class TrainingError(LatelierError):
    """Training cannot go on; the run ends as failed."""

    exit_code = 6


class NonFiniteObjectiveError(TrainingError):
    """A term of the objective became NaN or infinite.

    Args:
        step: Updates done before the failing one.
        terms: Name and value of every non-finite term.
        batch_indices: Data set indices of the batch.
    """

    def __init__(self, step: int, terms: dict[str, float], batch_indices: list[int]) -> None:
        self.step = step
        self.terms = terms
        self.batch_indices = batch_indices
        named = ", ".join(f"{name} = {value}" for name, value in terms.items())
        head = ", ".join(map(str, batch_indices[:8]))
        super().__init__(
            f"the objective is not finite at step {step}",
            got=f"{named} on the batch of {len(batch_indices)} examples [{head}, …]",
            expected="finite terms",
            remedy="Lower the learning rate, clip gradients (training.clip_norm), "
            "or look at those examples.",
        )


class NonFiniteWeightsError(NonFiniteObjectiveError):
    """Weights became NaN or infinite under a finite objective: a gradient was not finite.

    Args:
        step: Updates done so far.
        names: Names of the parameters.
    """

    def __init__(self, step: int, names: list[str]) -> None:
        self.step = step
        self.terms = dict.fromkeys(names, float("nan"))
        self.batch_indices = []
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        TrainingError.__init__(
            self,
            f"weights are not finite after {step} steps, though the objective was",
            got=f"NaN or infinity in {shown}",
            expected="finite gradients (no sqrt or log of 0 in the networks)",
            remedy="Lower the learning rate, or clip gradients (training.clip_norm).",
        )
