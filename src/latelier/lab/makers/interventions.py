"""Interventions: what taking a concept's direction or a dimension away costs whom."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from latelier.analysis.intervention_study import study
from latelier.config import ConfigError
from latelier.lab.kinds import named
from latelier.lab.makers.base import decoded, encoded_again, milliseconds, name_keys, whole
from latelier.lab.makers.needs import need_capabilities
from latelier.lab.moment import Keys, Moment, Product
from latelier.lab.pairs import are_colors
from latelier.lab.points import spread
from latelier.lab.subjects import dimensions_of, subjects_of
from latelier.lab.thumbnails import hex_colors

Array = npt.NDArray[np.float32]

STUDIED = 512
"""Points that are decoded after every intervention."""

THOUSANDTHS = 1000


def interventions(moment: Moment, keys: Keys) -> Iterable[Product]:
    """Change the codes of up to `STUDIED` points in every way, and decode them.

    Keys:
        threshold: Alignment from which suppression and repulsion begin, in thousandths; 0 by
            default. strength: How much of them, in thousandths; all by default.

    Raises:
        ConfigError: If a key is out of bounds, the model cannot decode, or there is nothing that
            examples could be similar to.
    """
    since, kind = time.perf_counter(), "interventions"
    need_capabilities(moment, kind)
    threshold = whole({"threshold": 0, **keys}, "threshold", 0, 999, "alignment in thousandths")
    strength = whole({"strength": 1000, **keys}, "strength", 1, 1000, "share in thousandths")
    session, points = moment.session, moment.points
    chosen = spread(len(points.indices), STUDIED)
    inputs = points.inputs[torch.from_numpy(chosen).to(points.inputs.device)]
    rows, z = points.indices[chosen], encoded_again(moment, inputs.cpu().numpy())
    subjects, others = subjects_of(session, rows, z)
    if not subjects:
        raise ConfigError(
            "interventions need something that examples can be similar to",
            got="a run without labels, concepts and anchored regularizers",
            expected="any of them",
        )
    sets, left = dimensions_of(session, z)
    on_sphere = getattr(getattr(session.config.model, "net", None), "latent", None) == "sphere"
    seen: list[Array] = []

    def decode(codes: npt.ArrayLike) -> Array:
        """Decode codes, and keep what came out: colors are named from it."""
        seen.append(decoded(moment, codes))
        return seen[-1]

    body = study(
        z,
        inputs.cpu().numpy(),
        subjects,
        sets,
        decode=decode,
        strength=strength / THOUSANDTHS,
        threshold=threshold / THOUSANDTHS,
        on_sphere=on_sphere,
    )
    said = {
        "points": len(rows),
        "dataset_idx": rows,
        "latent_dim": z.shape[1],
        "threshold": threshold / THOUSANDTHS,
        "strength": strength / THOUSANDTHS,
        "on_sphere": on_sphere,
        "left_out": {"dimensions": left, "subjects": others},
        "colors": _colors(inputs.cpu().numpy(), seen) if are_colors(session.dataset) else None,
    }
    yield kind, name_keys(named(keys)), said | body, milliseconds(since)


def _colors(inputs: Array, seen: Sequence[Array]) -> dict[str, Any]:
    """Tell what examples that are colors look like: themselves, decoded, and after each change."""
    before, *after = map(hex_colors, seen)
    return {"input": hex_colors(inputs), "before": before, "after": after}
