"""The fast set: what is measured of the latent space at every epoch, on the fixed points.

Everything here reads the model in eval mode and draws no random number that training could miss.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors
from torch import Tensor

from latelier.analysis import (
    Alignment,
    Neighbors,
    Projection,
    active_units,
    align_pca,
    aligned,
    clustering_scores,
    knn,
    knn_probe,
    linear_probe,
    mixture_health,
    neighbor_churn,
    neighbors_payload,
    pca,
    point_anatomy,
    reconstruction_grid,
)
from latelier.config import RunError
from latelier.lab.cadence import before
from latelier.lab.kinds import chain_epochs
from latelier.lab.pictures import png_bytes
from latelier.lab.sink import Sink
from latelier.runs import RunRecord
from latelier.training import Encoded, Session
from latelier.training.tasks import BATCH, in_batches

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Points:
    """The fixed points, as the model is fed them.

    Args:
        indices: dataset_idx, [N], ascending.
        inputs: [N, *shape] float32, on the model's device.
        labels: Labels, [N], or None.
    """

    indices: Array
    inputs: Tensor
    labels: Array | None

    @classmethod
    def of(cls, session: Session) -> Points:
        """Return the points that the run's config names."""
        indices = session.config.analysis.indices
        assert indices is not None, "launch fills analysis.indices"
        batch = session.dataset.examples(torch.tensor(indices))
        labels = None if batch.labels is None else batch.labels.numpy()
        return cls(np.array(indices), batch.inputs.to(session.device), labels)


@dataclass(frozen=True, eq=False)
class Latents:
    """What the encoder says about the points; arrays as in `Encoded`, and its parts as tensors."""

    z: Array
    log_var: Array | None
    responsibilities: Array | None
    predicted: Array | None
    parts: tuple[Encoded, ...] = ()


@torch.no_grad()
def encode_points(session: Session, inputs: Tensor) -> Latents:
    """Encode inputs [N, *shape] in eval mode."""
    session.model.eval()
    parts = in_batches(session.task.encode, inputs)

    def joined(name: str) -> Array | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else torch.cat(values).float().cpu().numpy()

    z, logits = joined("z"), joined("logits")
    assert z is not None
    predicted = None if logits is None else logits.argmax(1)
    return Latents(z, joined("log_var"), joined("responsibilities"), predicted, tuple(parts))


def prior_arrays(session: Session) -> dict[str, Array]:
    """Return `prior_mu` and `prior_log_var`, [P, D] each, as in `Prior`; nothing without one."""
    prior = session.task.prior(session.last_frame())
    if prior is None:
        return {}
    parts = {"prior_mu": prior.mu, "prior_log_var": prior.log_var}
    return {name: value.float().cpu().numpy() for name, value in parts.items()}


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
        self._points = Points.of(session) if points is None else points
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
        if measured == 0:
            keys |= self._last_snapshot(record)
        for dims in (2, 3):
            with contextlib.suppress(RunError, KeyError, ValueError, TypeError):
                payload = record.read_json(f"latent_{dims}d_pca", **keys)
                self._maps[dims] = Projection.from_payload(payload)

    def _last_snapshot(self, record: RunRecord) -> dict[str, int]:
        """Return the step of the newest frame before this step, inside the first epoch."""
        clock = self._session.clock
        steps = range(min(clock.step, clock.steps_per_epoch) - 1, 0, -1)
        for step in steps if self._settings.snapshots else ():
            if record.has("latent_3d_pca", epoch=0, step=step):
                return {"step": step}
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
        latents = encode_points(self._session, self._points.inputs)
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
        arrays = {"dataset_idx": self._points.indices, "z": latents.z}
        optional = {
            "labels": self._points.labels,
            "log_var": latents.log_var,
            "responsibilities": latents.responsibilities,
            "predicted": latents.predicted,
        }
        arrays |= {name: value for name, value in optional.items() if value is not None}
        arrays |= prior_arrays(self._session)
        tensors = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
        self._put_bytes("latents", save_tensors(tensors), since, snapshot=snapshot)

    def _project(self, latents: Latents, *, snapshot: bool) -> None:
        for dims in (2, 3):
            since = time.perf_counter()
            raw = pca(latents.z, dims, dataset_idx=self._points.indices)
            before = self._maps.get(dims)
            motion = Alignment.identity(dims) if before is None else align_pca(before, raw)
            projection = self._maps[dims] = aligned(raw, motion)
            payload = projection.payload() | {"label": self._points.labels}
            self._put(f"latent_{dims}d_pca", payload, since, snapshot=snapshot)
            self._put(f"align_{dims}d_pca", motion.payload(), since, snapshot=snapshot)

    def _neighborhood(self, latents: Latents) -> None:
        since = time.perf_counter()
        neighbors = self._nearest(latents.z, self._points.indices)
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
        since = time.perf_counter()
        inputs = self._points.inputs.split(BATCH)
        pairs = zip(inputs, latents.parts, strict=True)
        frame = self._session.last_frame()
        parts = [self._session.task.anatomy(x, encoded, frame) for x, encoded in pairs]
        terms = {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in parts[0]}
        anatomy = point_anatomy(
            terms["recon"],
            kl_per_dimension=terms.get("kl"),
            kl_categorical=terms.get("kl_c"),
            responsibilities=latents.responsibilities,
            predicted=latents.predicted,
            labels=self._points.labels,
            dataset_idx=self._points.indices,
        )
        units = {"active_units": active_units(latents.z).payload()}
        self._put("anatomy", anatomy.payload() | units, since)

    def _score(self, latents: Latents) -> None:
        labels, classes = self._points.labels, self._session.dataset.classes
        if labels is None or classes is None:
            return
        since = time.perf_counter()
        self.scores = score_points(
            latents, labels, classes, self._neighbors, self._session.config.seed
        )
        self._put("scores", {"points": len(labels), **self.scores}, since)

    @torch.no_grad()
    def _grid(self, latents: Latents) -> None:
        if not self._session.dataset.is_image or self._session.dataset.value_range != (0.0, 1.0):
            return
        since = time.perf_counter()
        rows = _spread(len(self._points.indices), self._settings.reconstructions)
        inputs = self._points.inputs[torch.from_numpy(rows).to(self._session.device)]
        z = torch.from_numpy(latents.z[rows]).to(self._session.device)
        outputs = self._session.task.decode(z)
        grid = reconstruction_grid(inputs.cpu().numpy(), outputs.float().cpu().numpy())
        self._put_bytes("reconstructions_image", png_bytes(grid.pixels), since)
        payload = grid.payload() | {"dataset_idx": self._points.indices[rows]}
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
    scores["probe_accuracy"] = linear_probe(latents.z, labels, classes, seed=seed).accuracy
    if neighbors is not None:
        scores["knn_accuracy"] = knn_probe(neighbors.indices, labels, classes)
    return scores


def score_everything(session: Session) -> dict[str, float]:
    """Score all examples, training and held-out: the numbers that the summary reports."""
    dataset = session.dataset
    if dataset.labels is None or dataset.classes is None:
        return {}
    rows = torch.cat([dataset.train, dataset.held_out])
    parts = [
        encode_points(session, dataset.examples(some).inputs.to(session.device))
        for some in rows.split(4096)
    ]
    names = ("z", "log_var", "responsibilities", "predicted")
    latents = Latents(*(_joined(parts, name) for name in names))  # type: ignore[arg-type]
    return score_points(
        latents, dataset.labels[rows].numpy(), dataset.classes, None, session.config.seed
    )


def _joined(parts: list[Latents], name: str) -> Array | None:
    values = [getattr(part, name) for part in parts]
    return None if values[0] is None else np.concatenate(values)


def _spread(count: int, wanted: int) -> Array:
    """Return up to ``wanted`` row numbers spread evenly over ``count`` rows."""
    return np.unique(np.linspace(0, count - 1, min(wanted, count)).round().astype(np.int64))


def _milliseconds(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 3)
