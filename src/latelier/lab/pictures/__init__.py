"""Pictures of a run, as PNG bytes: the map, the curves, the schedule, the reconstruction grid.

They show what is in the run's files and compute nothing of the model. Matplotlib is imported when
the first figure is drawn, so that a grid can be written without it.
"""

from __future__ import annotations

from latelier.lab.pictures.curves import Panel, draw_curves
from latelier.lab.pictures.grid import png_bytes
from latelier.lab.pictures.latent_map import draw_map
from latelier.lab.pictures.schedule import ScheduleColumn, draw_schedule
from latelier.lab.pictures.stored import curves_picture, map_picture, schedule_picture

__all__ = [
    "Panel",
    "ScheduleColumn",
    "curves_picture",
    "draw_curves",
    "draw_map",
    "draw_schedule",
    "map_picture",
    "png_bytes",
    "schedule_picture",
]
