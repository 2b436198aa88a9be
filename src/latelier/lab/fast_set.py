"""The fast set: what is measured of the latent space at every epoch, on the fixed points.

Everything here reads the model in eval mode and draws no random number that training could miss.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from latelier.analysis import (
    Alignment,
    Neighbors,
    Projection,
    active_units,
    align_pca,
    aligned,
    can_probe,
    clustering_scores,
    knn,
    knn_probe,
    linear_probe,
    mixture_health,
    neighbor_churn,
    neighbors_payload,
    pca_maps,
    point_anatomy,
    reconstruction_grid,
)
from latelier.config import RunError
from latelier.lab.cadence import before
from latelier.lab.factors import factor_gap, factor_scores_body, has_factors, sharing_body
from latelier.lab.kinds import chain_epochs
from latelier.lab.pictures import png_bytes
from latelier.lab.points import Array, Latents, Points, encode_points, prior_arrays, spread
from latelier.lab.sink import Sink
from latelier.runs import RunRecord
from latelier.training import Session
from latelier.training.tasks import BATCH


class FastSet:
    """Compute and write the fast set; remembers the last maps and neighbors to compare with.

    The same whether training is under way or a checkpoint is looked at later: what is measured is
    a function of the weights, the step and the maps and neighbors of the epoch before.

    Args:
        session: The run in memory, at the step to measure.
        writer: Where artifacts go.
        checkpoint_hash: Asked for the digest of the checkpoint that belongs to this moment.
        wanted: Asked for each kind whether to write it; parts nobody wants are not computed.
        points: The fixed points, where they are at hand.

    Attributes:
        points: The fixed points.
        scores: What the last epoch scored.
    """

    def __init__(
        self,
        session: Session,
        writer: Sink,
        checkpoint_hash: Callable[[], str | None],
        *,
        wanted: Callable[[str], bool] = lambda kind: True,  # noqa: ARG005
        points: Points | None = None,
    ) -> None:
        self._session, self._writer, self._wanted = session, writer, wanted
        self.points = Points.of(session) if points is None else points
        self._settings = session.config.analysis
        self._hash = checkpoint_hash
        self._maps: dict[int, Projection] = {}
        self._neighbors: Neighbors | None = None
        self.scores: dict[str, float] = {}

    def restore(self, record: RunRecord, epoch: int) -> None:
        """Take up the maps and neighbors measured last, so that a resumed film goes on.

        What is missing or damaged is left out: the film then begins anew with the next map.

        Args:
            record: The run that has them.
            epoch: The epoch in which training goes on; what is later is not looked at.
        """
        measured = before(chain_epochs(record), epoch + 1)
        if measured is None:
            return
        keys: dict[str, int] = {"epoch": measured}
        with contextlib.suppress(RunError, SafetensorError, KeyError, ValueError):
            tensors = load_tensors(record.read_bytes("latents", **keys))
            self._neighbors = self._nearest(tensors["z"], tensors["dataset_idx"])
        keys |= self._last_snapshot(record, measured)
        for dims in (2, 3):
            with contextlib.suppress(RunError, KeyError, ValueError, TypeError):
                payload = record.read_json(f"latent_{dims}d_pca", **keys)
                self._maps[dims] = Projection.from_payload(payload)

    def _last_snapshot(self, record: RunRecord, measured: int) -> dict[str, int]:
        """Return the keys of the newest frame between the end of an epoch and this step."""
        clock, settings = self._session.clock, self._settings
        per_epoch, begin = clock.steps_per_epoch, measured * clock.steps_per_epoch
        steps: set[int] = set()
        if settings.snapshots and measured == 0:
            steps |= {*range(1, min(clock.step, per_epoch))}
        if settings.every_steps is not None:
            every = settings.every_steps
            steps |= {*range(begin // every * every + every, clock.step, every)}
        for step in sorted(steps, reverse=True):
            keys = {"epoch": step // per_epoch, "step": step}
            if record.has("latent_3d_pca", **keys):
                return keys
        return {}

    def _nearest(self, z: Array, dataset_idx: Array) -> Neighbors | None:
        """Return the nearest neighbors in latent space; None where a point is alone."""
        k = min(self._settings.neighbors, len(z) - 1)
        return knn(z, k, dataset_idx=dataset_idx) if k else None

    def run(self, *, stop: Callable[[], bool] = lambda: False, snapshot: bool = False) -> None:
        """Measure and write everything, one artifact after another, until asked to stop.

        Args:
            stop: Asked between artifacts.
            snapshot: A frame inside an epoch: only the map is written, under the step's name.
        """
        self.scores = {}
        started = time.perf_counter()
        latents = encode_points(self._session, self.points.inputs)
        self._put_tensors(latents, started, snapshot=snapshot)
        self._project(latents, snapshot=snapshot)
        if snapshot:
            return
        for part, kinds in self._parts():
            if stop():
                return
            if any(map(self._wanted, kinds)):
                part(latents)

    def _parts(self) -> list[tuple[Callable[[Latents], None], tuple[str, ...]]]:
        """Return what is measured after the maps, and the kinds that each part writes or feeds."""
        return [
            (self._neighborhood, ("knn_pca", "neighbor_churn", "scores")),
            (self._mixture, ("mixture_health",)),
            (self._anatomy, ("anatomy",)),
            (self._score, ("scores",)),
            (self._share, ("shared_dimensions",)),
            (self._grid, ("reconstructions", "reconstructions_image")),
        ]

    def _put(self, kind: str, payload: dict[str, Any], since: float, **options: Any) -> None:
        if not self._wanted(kind):
            return
        clock = self._session.clock
        self._writer.put_json(
            kind,
            payload,
            epoch=clock.epoch,
            step=clock.step,
            compute_ms=_milliseconds(since),
            checkpoint_hash=self._hash(),
            **options,
        )

    def _put_bytes(self, kind: str, data: bytes, since: float, **options: Any) -> None:
        if not self._wanted(kind):
            return
        clock = self._session.clock
        self._writer.put_bytes(
            kind,
            data,
            epoch=clock.epoch,
            step=clock.step,
            compute_ms=_milliseconds(since),
            **options,
        )

    def _put_tensors(self, latents: Latents, since: float, *, snapshot: bool) -> None:
        arrays = {"dataset_idx": self.points.indices, "z": latents.z}
        optional = {
            "labels": self.points.labels,
            "log_var": latents.log_var,
            "responsibilities": latents.responsibilities,
            "predicted": latents.predicted,
        }
        arrays |= {name: value for name, value in optional.items() if value is not None}
        arrays |= prior_arrays(self._session)
        tensors = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        self._put_bytes("latents", save_tensors(tensors), since, snapshot=snapshot)

    def _project(self, latents: Latents, *, snapshot: bool) -> None:
        since = time.perf_counter()
        for dims, raw in pca_maps(latents.z, dataset_idx=self.points.indices).items():
            before = self._maps.get(dims)
            motion = Alignment.identity(dims) if before is None else align_pca(before, raw)
            projection = self._maps[dims] = aligned(raw, motion)
            payload = projection.payload() | {"label": self.points.labels}
            self._put(f"latent_{dims}d_pca", payload, since, snapshot=snapshot)
            self._put(f"align_{dims}d_pca", motion.payload(), since, snapshot=snapshot)
            since = time.perf_counter()

    def _neighborhood(self, latents: Latents) -> None:
        since = time.perf_counter()
        neighbors = self._nearest(latents.z, self.points.indices)
        if neighbors is None:
            return
        maps: dict[str, npt.ArrayLike] = {
            f"{dims}d": projection.coords for dims, projection in self._maps.items()
        }
        self._put("knn_pca", neighbors_payload(neighbors, maps), since)
        if self._neighbors is not None:
            since = time.perf_counter()
            self._put("neighbor_churn", neighbor_churn(self._neighbors, neighbors).payload(), since)
        self._neighbors = neighbors

    def _mixture(self, latents: Latents) -> None:
        if latents.responsibilities is None:
            return
        since = time.perf_counter()
        health = mixture_health(latents.responsibilities).payload()
        rows = {"sample_key": "analysis.indices", "sample_indices_ref": "config.json"}
        self._put("mixture_health", health | rows, since)

    @torch.no_grad()
    def _anatomy(self, latents: Latents) -> None:
        if "decode" not in self._session.task.capabilities:
            return
        since = time.perf_counter()
        inputs = self.points.inputs.split(BATCH)
        pairs = zip(inputs, latents.parts, strict=True)
        frame = self._session.last_frame()
        parts = [self._session.task.anatomy(x, encoded, frame) for x, encoded in pairs]
        terms = {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in parts[0]}
        anatomy = point_anatomy(
            terms["recon"],
            kl_per_dimension=terms.get("kl"),
            kl_categorical=terms.get("kl_c"),
            responsibilities=latents.responsibilities,
            log_var=latents.log_var,
            predicted=latents.predicted,
            labels=self.points.labels,
            dataset_idx=self.points.indices,
        )
        units = {"active_units": active_units(latents.z).payload()}
        self._put("anatomy", anatomy.payload() | units, since)

    def _score(self, latents: Latents) -> None:
        since, session = time.perf_counter(), self._session
        labels, classes, rows = self.points.labels, session.dataset.classes, self.points.indices
        if labels is not None and classes is not None:
            seed = session.config.seed
            self.scores = score_points(latents, labels, classes, self._neighbors, seed)
        self.scores |= factor_gap(session.dataset, rows, latents.z)
        if self.scores:
            self._put("scores", {"points": len(rows), **self.scores}, since)

    def _share(self, latents: Latents) -> None:
        since = time.perf_counter()
        if body := sharing_body(self._session, self.points.indices, latents.parts):
            self._put("shared_dimensions", body, since)

    def put_factor_scores(self) -> None:
        """Write all scores of the factors, where the data has them: once, as they take seconds."""
        since = time.perf_counter()
        if has_factors(self._session.dataset):
            self._put("factor_scores", factor_scores_body(self._session), since)

    @torch.no_grad()
    def _grid(self, latents: Latents) -> None:
        if "decode" not in self._session.task.capabilities:
            return
        if not self._session.dataset.is_image or self._session.dataset.value_range != (0.0, 1.0):
            return
        since = time.perf_counter()
        rows = spread(len(self.points.indices), self._settings.reconstructions)
        inputs = self.points.inputs[torch.from_numpy(rows).to(self._session.device)]
        z = torch.from_numpy(latents.z[rows]).to(self._session.device)
        outputs = self._session.task.decode(z)
        grid = reconstruction_grid(inputs.cpu().numpy(), outputs.float().cpu().numpy())
        self._put_bytes("reconstructions_image", png_bytes(grid.pixels), since)
        payload = grid.payload() | {"dataset_idx": self.points.indices[rows]}
        self._put("reconstructions", payload, since)


def score_points(
    latents: Latents,
    labels: Array,
    classes: int,
    neighbors: Neighbors | None,
    seed: int,
) -> dict[str, float]:
    """Score latents against labels: clustering where there is a mixture, probes for any model."""
    scores: dict[str, float] = {}
    if latents.responsibilities is not None:
        assigned = latents.responsibilities.argmax(1)
        found = clustering_scores(labels, assigned, classes, latents.responsibilities.shape[1])
        scores |= {"clustering_accuracy": found.accuracy, "nmi": found.nmi, "ari": found.ari}
    if latents.predicted is not None:
        scores["accuracy"] = float((latents.predicted == labels).mean())
    if can_probe(labels, classes):
        scores["probe_accuracy"] = linear_probe(latents.z, labels, classes, seed=seed).accuracy
    if neighbors is not None:
        scores["knn_accuracy"] = knn_probe(neighbors.indices, labels, classes)
    return scores


def score_everything(session: Session) -> dict[str, float]:
    """Score all examples, training and held-out: the numbers that the summary reports."""
    dataset = session.dataset
    if (dataset.labels is None or dataset.classes is None) and dataset.factors is None:
        return {}
    rows = torch.cat([dataset.train, dataset.held_out])
    parts = [
        encode_points(session, dataset.examples(some).inputs.to(session.device))
        for some in rows.split(4096)
    ]
    names = ("z", "log_var", "responsibilities", "predicted")
    latents = Latents(*(_joined(parts, name) for name in names))  # type: ignore[arg-type]
    scores = factor_gap(dataset, rows.numpy(), latents.z)
    if dataset.labels is not None and dataset.classes is not None:
        labels = dataset.labels[rows].numpy()
        scores |= score_points(latents, labels, dataset.classes, None, session.config.seed)
    return scores


def _joined(parts: list[Latents], name: str) -> Array | None:
    values = [getattr(part, name) for part in parts]
    return None if values[0] is None else np.concatenate(values)


def _milliseconds(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 3)
