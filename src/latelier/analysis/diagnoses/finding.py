"""What a rule says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Evidence = Mapping[str, float | int | str | tuple[float, ...] | tuple[int, ...]]


@dataclass(frozen=True)
class Knob:
    """A setting to change.

    Attributes:
        key: Its dotted path in the run's configuration.
        advice: What to do with it, as an instruction.
    """

    key: str
    advice: str


@dataclass(frozen=True)
class Finding:
    """Something that went wrong.

    Attributes:
        severity: `problem` where the result is of little use, else `warning`.
        epoch: The epoch of onset, from which on it stayed wrong.
        step: The step at its end, or the very step where one update can be named.
        title: What is wrong, in a few words.
        text: What it means, in a sentence or two.
        evidence: The numbers it rests on, by name.
        knob: What to turn.
    """

    severity: Literal["warning", "problem"]
    epoch: int
    step: int
    title: str
    text: str
    evidence: Evidence
    knob: Knob


@dataclass(frozen=True)
class Diagnosis:
    """All that the rules said about one run.

    Attributes:
        findings: By rule.
        checked: For every rule why it could not be applied, or None where it was.
    """

    findings: Mapping[str, Finding] = field(default_factory=dict)
    checked: Mapping[str, str | None] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        """Return the JSON form: `findings` by onset, and every rule in `checked`."""
        ordered = sorted(self.findings.items(), key=lambda item: (item[1].epoch, item[1].step))
        return {
            "findings": [{"rule": rule, **asdict(finding)} for rule, finding in ordered],
            "checked": [
                {"rule": rule, "applies": why is None} | ({} if why is None else {"why": why})
                for rule, why in self.checked.items()
            ],
        }
