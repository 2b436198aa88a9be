"""The array part of the full set: what follows from recorded latents and maps, without the model.

Everything here reads files of a run and returns artifacts; nothing imports torch, so that a
companion process begins quickly, and nothing depends on who calls: while training, in the
companion, on demand and in a backfill the same numbers come out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy.typing as npt
from safetensors.numpy import load as load_tensors
from threadpoolctl import threadpool_limits

from latelier.analysis import (
    Neighbors,
    Projection,
    knn,
    projection_quality,
)
from latelier.lab.kinds import MIN_UMAP_NEIGHBORS, QUALITY
from latelier.lab.sink import Sink
from latelier.runs import RunRecord

Array = npt.NDArray[Any]
Product = tuple[str, dict[str, int | str], dict[str, Any], float]
"""Kind, keys (the epoch among them), payload, milliseconds."""

Progress = Callable[[float], None]

INLINE_POINTS = 600
"""Up to so many points the grids take less time than handing them to a companion process."""


class Recorded:
    """What a run has recorded of one epoch, and the settings of its analysis.

    Args:
        record: The run; its `latents` and PCA maps of that epoch must be there.
        epoch: The epoch.
    """

    def __init__(self, record: RunRecord, epoch: int) -> None:
        self.record, self.epoch = record, epoch
        config = record.config()
        self.settings: Mapping[str, Any] = config["analysis"]
        self.seed = int(config["seed"])
        self.tensors = load_tensors(record.read_bytes("latents", epoch=epoch))

    @property
    def z(self) -> Array:
        """The latents, [N, D]."""
        return self.tensors["z"]

    def pca(self, dims: int) -> Projection:
        """Return the aligned PCA map."""
        return Projection.from_payload(
            self.record.read_json(f"latent_{dims}d_pca", epoch=self.epoch)
        )

    def neighbors(self, k: int) -> Neighbors | None:
        """Return up to k nearest neighbors in latent space; None where a point is alone."""
        k = min(k, len(self.z) - 1)
        return knn(self.z, k, dataset_idx=self.tensors["dataset_idx"]) if k else None

    def setting(self, name: str) -> Any:
        """Return a setting of the analysis; its default in a run of an earlier version."""
        from latelier.config import AnalysisConfig

        return self.settings.get(name, AnalysisConfig.model_fields[name].default)


def plane(record: RunRecord, epoch: int, method: str) -> Iterator[Product]:
    """Make the grids over a 2-D map, and for PCA the quality of the maps.

    Args:
        record: The run.
        epoch: An epoch whose latents and map are recorded.
        method: ``"pca"`` or ``"umap"``.

    Yields:
        Artifacts, in the order of `kinds.PLANE`; those that the latents do not allow are left out.
    """
    from latelier.analysis.plane import plane_payloads

    at = Recorded(record, epoch)
    drawn = at.pca(2) if method == "pca" else read_umap(record, epoch, 2)
    payloads = plane_payloads(
        at.tensors,
        drawn,
        method=method,
        grid_side=int(at.setting("density_grid")),
        k=int(at.setting("neighbors")),
        seed=at.seed,
        neighbors=at.neighbors(int(at.setting("neighbors"))),
    )
    for kind, payload, compute_ms in payloads:
        yield kind, {"epoch": epoch}, payload, compute_ms
    if method == "pca":
        yield from quality(at, {f"{dims}d_pca": at.pca(dims).coords for dims in (2, 3)})


def array_kinds(tensors: Mapping[str, Array], unit: str) -> tuple[str, ...]:
    """Return the kinds that a unit of the array part makes of these latents."""
    count, width = tensors["z"].shape
    if unit == "umap":
        drawn = [dims for dims in (2, 3) if width > dims] if count > MIN_UMAP_NEIGHBORS else []
        maps = [f"{name}_{dims}d_umap" for dims in drawn for name in ("latent", "align")]
        return (*maps, "knn_umap") if maps else ()
    method = unit.removeprefix("plane_")
    components = len(tensors.get("prior_mu", ()))
    kinds = [f"posterior_2d_{method}"]
    if components:
        kinds += [f"prior_2d_{method}", f"prior_minus_posterior_2d_{method}"]
    if components > 1 and "responsibilities" in tensors:
        kinds.append(f"prior_empirical_2d_{method}")
    if count > 1:
        kinds.append(f"metric_ratio_2d_{method}")
    if method == "pca" and count > MIN_UMAP_NEIGHBORS:
        kinds.append(QUALITY)
    return tuple(kinds)


def array_part(
    record: RunRecord, epoch: int, unit: str, progress: Progress | None = None
) -> list[Product]:
    """Make one unit of the array part, on one thread: how sums are split does not depend on more.

    Args:
        record: The run; what the unit is made from must be recorded: latents and PCA maps, for
            UMAP also the UMAP maps of the anchor before, for grids over it the UMAP map.
        epoch: The epoch.
        unit: ``plane_pca``, ``umap`` or ``plane_umap``.
        progress: Called with the share that is done, where it takes long.
    """
    with threadpool_limits(1):
        if unit == "umap":
            from latelier.lab.umap_maps import umap_maps

            return list(umap_maps(record, epoch, progress))
        return list(plane(record, epoch, unit.removeprefix("plane_")))


def quality(at: Recorded, maps: Mapping[str, Array]) -> Iterator[Product]:
    """Score maps, and keep the scores of the others that are recorded; nothing for a few points.

    The PCA maps always have scores, in whatever order things are asked for.
    """
    since = time.perf_counter()
    k = min(int(at.setting("neighbors")), (len(at.z) - 1) // 2)
    if k < 1:
        return
    known: dict[str, Any] = {}
    if at.record.has(QUALITY, epoch=at.epoch):
        known = at.record.read_json(QUALITY, epoch=at.epoch)["maps"]
    linear = {f"{dims}d_pca": dims for dims in (2, 3) if f"{dims}d_pca" not in {*known, *maps}}
    drawn = {name: at.pca(dims).coords for name, dims in linear.items()} | dict(maps)
    scored = {name: projection_quality(at.z, coords, k).payload() for name, coords in drawn.items()}
    keys: dict[str, int | str] = {"epoch": at.epoch}
    yield QUALITY, keys, {"maps": {**known, **scored}}, milliseconds(since)


def read_umap(record: RunRecord, epoch: int, dims: int) -> Any:
    """Return a recorded UMAP map, a `UmapMap`."""
    from latelier.analysis.umap_map import UmapMap

    return UmapMap.from_payload(record.read_json(f"latent_{dims}d_umap", epoch=epoch))


def write_product(record: RunRecord, sink: Sink, product: Product) -> None:
    """Write an artifact of the array part: it is of the step and checkpoint of its latents' map."""
    kind, keys, payload, compute_ms = product
    receipt = record.read_json("latent_2d_pca", epoch=keys["epoch"])
    sink.put_json(
        kind,
        payload,
        step=receipt["step"],
        checkpoint_hash=receipt["checkpoint_hash"],
        compute_ms=compute_ms,
        **keys,
    )


def milliseconds(since: float) -> float:
    """Return the milliseconds since a reading of `time.perf_counter`."""
    return round((time.perf_counter() - since) * 1000, 3)
