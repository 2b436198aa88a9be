"""Many runs as one: models of the same shape train as one stacked model.

`loop.py` is the page to read first. Each member stays a run of its own: a session with its model,
optimizer, clock, meter and subscribers, which sees nothing of the others.
"""

from __future__ import annotations

from latelier.training.ensemble.alike import ApartError, shape_of, unstackable
from latelier.training.ensemble.loop import Ended, train_together
from latelier.training.ensemble.member import Member

__all__ = ["ApartError", "Ended", "Member", "shape_of", "train_together", "unstackable"]
