"""What went wrong in a run: rules over facts, with evidence, the epoch of onset and a knob.

A rule is a pure function of `RunFacts` and one line in `RULES`. It is tested on a sick and on a
healthy run that were really trained.
"""

from __future__ import annotations

from latelier.analysis.diagnoses.facts import EpochFacts, RunFacts, epoch_facts
from latelier.analysis.diagnoses.finding import Diagnosis, Finding, Knob
from latelier.analysis.diagnoses.rules import RULES, Rule, diagnose

__all__ = [
    "RULES",
    "Diagnosis",
    "EpochFacts",
    "Finding",
    "Knob",
    "Rule",
    "RunFacts",
    "diagnose",
    "epoch_facts",
]
