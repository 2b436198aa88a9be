"""A track: one property over the steps of a run, moving from keyframe to keyframe."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self, get_args

from latelier.config.errors import ConfigError

Space = Literal["linear", "log"]
Timing = Literal["minjerk", "linear", "step-end"]
SPACES: tuple[str, ...] = get_args(Space)
TIMINGS: tuple[str, ...] = get_args(Timing)


def minimum_jerk(p: float) -> float:
    """Return how far a movement from rest to rest has come at the fraction p of its time.

    10p³ − 15p⁴ + 6p⁵: velocity and acceleration are zero at both ends.

    Source:
        Flash & Hogan 1985, The coordination of arm movements, Eq. 4.
    """
    return p * p * p * (10 - 15 * p + 6 * p * p)


_PROGRESS: dict[str, Callable[[float], float]] = {
    "minjerk": minimum_jerk,
    "linear": lambda p: p,
    "step-end": lambda p: 0.0,  # noqa: ARG005  # stays where it was until the next keyframe
}


@dataclass(frozen=True)
class Track:
    """One property, defined at every step and constant outside its keyframes.

    Args:
        name: The property, as the timeline's column.
        keyframes: Step and value each; at least one, steps strictly rising from 0 on.
        space: What moves evenly: the value (``linear``) or its logarithm (``log``).
        timing: How it moves between two keyframes: ``minjerk`` (at rest at both ends),
            ``linear``, or ``step-end`` (a jump at the second).

    Raises:
        ConfigError: If keyframes are missing, not in order or not finite, if a value is not
            positive in log space, or if space or timing is unknown.
    """

    name: str
    keyframes: tuple[tuple[int, float], ...]
    space: Space = "linear"
    timing: Timing = "minjerk"
    _steps: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _values: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", tuple(step for step, _ in self.keyframes))
        object.__setattr__(self, "_values", tuple(float(value) for _, value in self.keyframes))
        self._check_words()
        self._check_steps()
        self._check_values()

    def _check_words(self) -> None:
        for what, got, known in (("space", self.space, SPACES), ("timing", self.timing, TIMINGS)):
            if got not in known:
                raise ConfigError(
                    f"the {what} of the track {self.name} is unknown",
                    got=got,
                    expected=", ".join(known),
                )

    def _check_steps(self) -> None:
        pairs = zip((-1, *self._steps), self._steps, strict=False)
        if not self._steps or any(earlier >= later for earlier, later in pairs):
            raise ConfigError(
                f"the keyframes of the track {self.name} are not in order",
                got=f"steps {list(self._steps)}",
                expected="at least one, at rising steps from 0 on",
            )

    def _check_values(self) -> None:
        # Half the largest float: the distance between two values must be finite, too.
        if not all(abs(value) < 8e307 for value in self._values):
            raise ConfigError(
                f"a keyframe of the track {self.name} is not finite", got=list(self._values)
            )
        if self.space == "log" and min(self._values) <= 0:
            raise ConfigError(
                f"a keyframe of the track {self.name} has no logarithm",
                got=min(self._values),
                expected="positive values in log space",
            )

    @classmethod
    def constant(cls, name: str, value: float) -> Self:
        """Return a track that has one value at every step."""
        return cls(name, ((0, value),))

    @classmethod
    def ramp(
        cls,
        name: str,
        start_step: int,
        end_step: int,
        start_value: float,
        end_value: float,
        timing: Timing = "linear",
    ) -> Self:
        """Return a track that moves once.

        Args:
            name: The property.
            start_step: Last step at the start value.
            end_step: First step at the end value, not before `start_step`. If equal, the value
                jumps there.
            start_value: Value up to `start_step`.
            end_value: Value from `end_step` on.
            timing: How it moves between.
        """
        if end_step > start_step:
            return cls(name, ((start_step, start_value), (end_step, end_value)), timing=timing)
        if end_step < start_step:
            raise ConfigError(
                f"the ramp of {name} ends before it starts", got=f"{start_step} to {end_step}"
            )
        before = ((start_step - 1, start_value),) if start_step else ()
        return cls(name, (*before, (end_step, end_value)), timing="step-end")

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same at every step."""
        return min(self._values) == max(self._values)

    def value(self, step: int) -> float:
        """Return the value that drives the update from `step` to the next."""
        after = bisect_right(self._steps, step)
        if after == 0:
            return self._values[0]
        here, start = self._steps[after - 1], self._values[after - 1]
        if after == len(self._steps) or step == here:
            return start
        progress = _PROGRESS[self.timing]((step - here) / (self._steps[after] - here))
        return self._between(start, self._values[after], progress)

    def _between(self, start: float, end: float, progress: float) -> float:
        if start == end or progress == 0:
            return start
        if self.space == "log":
            log_start = math.log(start)
            return math.exp(log_start + (math.log(end) - log_start) * progress)
        return start + (end - start) * progress
