"""A run at one checkpoint, in memory: what the makers of artifacts read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy.typing as npt
import torch
from safetensors.numpy import load as load_tensors
from torch import Tensor

from latelier.analysis import Projection
from latelier.config import DataError, RunError
from latelier.lab.points import Points
from latelier.lab.sink import Sink
from latelier.runs import RunRecord
from latelier.training import Encoded, Prior, Session, shielded

Array = npt.NDArray[Any]
Keys = Mapping[str, int | str]
Product = tuple[str, dict[str, int | str], dict[str, Any] | bytes, float]
"""One artifact: its kind, the keys of its name (the epoch is added), content, milliseconds."""


class Moment:
    """A run at the end of one epoch.

    Args:
        record: The run.
        session: The run in memory.
        keys: Keys of the checkpoint: ``{"epoch": e}``.
        step: Updates done by then.
        digest: Digest of the checkpoint; None if none was written at that step.
        points: The fixed points.
        ready: Called before the model is used: puts this epoch's weights into it.
        make: Called with a kind whose artifact of this epoch is missing: makes it.
    """

    def __init__(
        self,
        record: RunRecord,
        session: Session,
        *,
        keys: Mapping[str, int],
        step: int,
        digest: str | None,
        points: Points,
        ready: Callable[[], None] = lambda: None,
        make: Callable[[str], None] | None = None,
    ) -> None:
        self.record, self.keys, self.step = record, dict(keys), step
        self.digest, self.points = digest, points
        self._session, self._ready, self._make = session, ready, make

    @property
    def epoch(self) -> int:
        """Complete passes by then."""
        return self.keys["epoch"]

    @property
    def session(self) -> Session:
        """The run in memory, with the weights of this epoch."""
        self._ready()
        return self._session

    @cached_property
    def latents(self) -> Mapping[str, Array]:
        """The tensors of the artifact `latents`: ``z`` [N, D], and whatever else the model has."""
        self._have("latents")
        return dict(load_tensors(self.record.read_bytes("latents", **self.keys)))

    def map(self, method: str) -> Any:
        """Return the 2-D map of this epoch: a `Projection`, or a `UmapMap`; made first if missing.

        Args:
            method: ``"pca"`` or ``"umap"``.
        """
        payload = self.read(f"latent_2d_{method}")
        if method == "umap":
            from latelier.analysis.umap_map import UmapMap

            return UmapMap.from_payload(payload)
        return Projection.from_payload(payload)

    def read(self, kind: str) -> dict[str, Any]:
        """Return a JSON artifact of this epoch; it is made first if missing.

        Raises:
            RunError: If the model has no such artifact.
        """
        self._have(kind)
        payload: dict[str, Any] = self.record.read_json(kind, **self.keys)
        return payload

    def example(self, dataset_idx: int) -> Tensor:
        """Return one example of the data set, [1, *shape], on the model's device.

        Raises:
            DataError: If there is no such example.
        """
        dataset = self._session.dataset
        if not 0 <= dataset_idx < len(dataset):
            raise DataError("no such example", got=dataset_idx, expected=f"0 to {len(dataset) - 1}")
        return dataset.examples(torch.tensor([dataset_idx])).inputs.to(self._session.device)

    def encode(self, inputs: Tensor) -> Encoded:
        """Encode inputs [B, *shape], without noise."""
        with self._reading() as session:
            return session.task.encode(inputs.to(session.device))

    def decode(self, z: Tensor) -> Tensor:
        """Decode latents [B, D] to the data's range, [B, *shape]."""
        with self._reading() as session:
            return session.task.decode(z.to(session.device))

    def prior(self) -> Prior | None:
        """Return the prior in force at this epoch; None where the model has none."""
        with self._reading() as session:
            return session.task.prior(session.last_frame())

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        """Let the block read the model: eval mode, no gradients, no random number missed."""
        session = self.session
        with shielded(), torch.no_grad():
            session.model.eval()
            yield session

    def _have(self, kind: str) -> None:
        if self.record.has(kind, **self.keys):
            return
        if self._make is not None:
            self._make(kind)
        if not self.record.has(kind, **self.keys):
            raise RunError(
                f"run {self.record.id} has no {kind} of epoch {self.epoch}",
                remedy="Ask for one of the kinds that the run offers.",
            )


Maker = Callable[[Moment, Keys], Iterable[Product]]


def write_products(sink: Sink, moment: Moment, products: Iterable[Product]) -> None:
    """Write what a maker made of a moment: it is of the moment's step and checkpoint."""
    for kind, names, content, compute_ms in products:
        options: dict[str, Any] = {**names, "epoch": moment.epoch, "step": moment.step}
        options["compute_ms"] = compute_ms
        if isinstance(content, bytes):
            sink.put_bytes(kind, content, **options)
        else:
            sink.put_json(kind, content, checkpoint_hash=moment.digest, **options)
