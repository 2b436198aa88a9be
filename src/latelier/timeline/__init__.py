"""Timelines: everything that varies over a run, as a pure function of the step. No torch."""

from __future__ import annotations

from latelier.timeline.compile import compile_timeline
from latelier.timeline.dopesheet import Dopesheet
from latelier.timeline.timeline import Frame, Timeline
from latelier.timeline.track import Space, Timing, Track

__all__ = ["Dopesheet", "Frame", "Space", "Timeline", "Timing", "Track", "compile_timeline"]
