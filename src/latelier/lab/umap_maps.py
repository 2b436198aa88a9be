"""The UMAP maps of one epoch: begun at its PCA maps, laid on the anchor before. No torch."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from latelier.analysis import Alignment, Neighbors, neighbors_payload
from latelier.analysis.alignment import align_map
from latelier.analysis.umap_map import UmapMap, umap_map
from latelier.config import RunError
from latelier.lab.cadence import anchors, before
from latelier.lab.full_set import (
    Product,
    Progress,
    Recorded,
    milliseconds,
    quality,
    read_umap,
)
from latelier.lab.kinds import MIN_UMAP_NEIGHBORS, chain_epochs
from latelier.runs import RunRecord


def anchor_before(record: RunRecord, epoch: int) -> int | None:
    """Return the epoch whose UMAP maps an epoch's are laid on: the greatest anchor before it."""
    return before(anchors(chain_epochs(record)), epoch)


def umap_maps(record: RunRecord, epoch: int, progress: Progress | None = None) -> Iterator[Product]:
    """Make the UMAP maps of one epoch, their neighbors and their quality.

    Args:
        record: The run, with latents and PCA maps of the epoch and the maps of the anchor before.
        epoch: The epoch.
        progress: Called with the share that is done.

    Yields:
        The artifacts of `kinds.UMAP` that the latents allow, then the quality of all maps.

    Raises:
        RunError: If the latents have too few dimensions or points to be projected.
    """
    progress = progress or (lambda done: None)  # noqa: ARG005
    at = Recorded(record, epoch)
    drawn_in = tuple(dims for dims in (2, 3) if at.z.shape[1] > dims)
    neighbors = at.neighbors(int(at.setting("umap_neighbors")))
    if not drawn_in or neighbors is None or neighbors.k < MIN_UMAP_NEIGHBORS:
        raise RunError(
            f"epoch {epoch} of run {record.id} has no UMAP map",
            got=f"{len(at.z)} points of {at.z.shape[1]} dimensions",
            expected="three points of three dimensions at least: 2-D latents are shown as they are",
        )
    keys: dict[str, int | str] = {"epoch": epoch}
    maps: dict[str, npt.NDArray[np.float32]] = {}
    for number, dims in enumerate(drawn_in):

        def share(done: float, before: int = number) -> None:
            """Pass on how much is done of all maps, from how much is of one."""
            progress((before + done) / len(drawn_in))

        since = time.perf_counter()
        made, motion = _map(at, dims, neighbors, share)
        maps[f"{dims}d"] = made.coords
        payload = made.payload() | {"label": at.tensors.get("labels")}
        yield f"latent_{dims}d_umap", dict(keys), payload, milliseconds(since)
        yield f"align_{dims}d_umap", dict(keys), motion.payload(), milliseconds(since)
    since = time.perf_counter()
    near = at.neighbors(int(at.setting("neighbors")))
    assert near is not None
    yield "knn_umap", dict(keys), neighbors_payload(near, dict(maps)), milliseconds(since)
    yield from quality(at, {f"{name}_umap": coords for name, coords in maps.items()})


def _map(
    at: Recorded, dims: int, neighbors: Neighbors, progress: Progress
) -> tuple[UmapMap, Alignment]:
    """Make one map, laid on that of the anchor before."""
    seed, min_dist = at.seed, float(at.setting("umap_min_dist"))
    start = at.pca(dims).coords
    raw = umap_map(at.z, neighbors, start, seed=seed, min_dist=min_dist, progress=progress)
    idx, anchor = at.tensors["dataset_idx"], anchor_before(at.record, at.epoch)
    motion = Alignment.identity(dims)
    if anchor is not None and at.record.has(f"latent_{dims}d_umap", epoch=anchor):
        earlier = read_umap(at.record, anchor, dims)
        motion = align_map(earlier.coords, earlier.dataset_idx, raw, idx)
    coords = motion.moved(raw)
    made = UmapMap.measured(
        at.z, coords, seed=seed, n_neighbors=neighbors.k, min_dist=min_dist, dataset_idx=idx
    )
    return made, motion
