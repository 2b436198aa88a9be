"""Tasks of the autoencoders whose code is a function of the example."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

from torch import Tensor

from latelier.config import (
    AEObjective,
    DenoisingAEObjective,
    LikelihoodSection,
    SparseAEObjective,
    WAEMMDObjective,
)
from latelier.data import Batch
from latelier.losses import observation_mean
from latelier.models import AE, WAEMMD, DenoisingAE, LossResult, SparseAE
from latelier.models.base import Autoencoder
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Prior, Task
from latelier.training.tasks.likelihoods import check_range, negative_log_likelihood

A = TypeVar("A", bound=Autoencoder)


class DeterministicTask(Task[A]):
    """Minimize −log p(x|z) and whatever a member adds: timeline columns and fixed options."""

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, LikelihoodSection)
        self.objective = self.config.objective
        check_range(self, self.objective.likelihood)

    @abstractmethod
    def columns(self, clock: Clock) -> Mapping[str, Track]:
        """Return the timeline columns that the member reads, besides the learning rate."""

    @abstractmethod
    def arguments(self, frame: Frame) -> Mapping[str, Any]:
        """Return what `compute_loss` takes besides likelihood and reduction."""

    @abstractmethod
    def reconstruct(self, inputs: Tensor, frame: Frame) -> Any:
        """Return the model's output for inputs [B, *shape], in the model's current mode."""

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        rate = learning_rate(self.config.schedule, clock.total_steps)
        return Plan({"lr": rate, **self.columns(clock)})

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        return self.model.compute_loss(
            batch.targets,
            self.reconstruct(batch.inputs, frame),
            likelihood=self.objective.likelihood,
            recon_reduction=self.objective.recon_reduction,
            **self.arguments(frame),
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        return Encoded(self.model.encode(inputs).z)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        return observation_mean(self.model.decode(z).x_hat, self.objective.likelihood)

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`."""
        x_hat = self.model.decode(encoded.z).x_hat
        return {"recon": negative_log_likelihood(inputs, x_hat, self.objective.likelihood)}


class AETask(DeterministicTask[AE]):
    """Minimize −recon_weight · log p(x|z)."""

    capabilities = frozenset({"encode", "decode"})

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `DeterministicTask.columns`."""
        objective = self.config.objective
        assert isinstance(objective, AEObjective)
        return {"recon_weight": Track.constant("recon_weight", objective.recon_weight)}

    def arguments(self, frame: Frame) -> Mapping[str, Any]:
        """See `DeterministicTask.arguments`."""
        return {"recon_weight": frame.props["recon_weight"]}

    def reconstruct(self, inputs: Tensor, frame: Frame) -> Any:  # noqa: ARG002
        """See `DeterministicTask.reconstruct`."""
        return self.model(inputs)

    def prior(self, frame: Frame) -> None:
        """See `Task.prior`. A code is drawn to nothing."""


class SparseAETask(DeterministicTask[SparseAE]):
    """Minimize −log p(x|z) + sparsity_weight · penalty(z)."""

    capabilities = frozenset({"encode", "decode"})

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `DeterministicTask.columns`."""
        objective = self.objective
        assert isinstance(objective, SparseAEObjective)
        return {"sparsity_weight": Track.constant("sparsity_weight", objective.sparsity_weight)}

    def arguments(self, frame: Frame) -> Mapping[str, Any]:
        """See `DeterministicTask.arguments`."""
        objective = self.objective
        assert isinstance(objective, SparseAEObjective)
        return {
            "sparsity_weight": frame.props["sparsity_weight"],
            "penalty": objective.penalty,
            "activity": objective.activity,
        }

    def reconstruct(self, inputs: Tensor, frame: Frame) -> Any:  # noqa: ARG002
        """See `DeterministicTask.reconstruct`."""
        return self.model(inputs)

    def prior(self, frame: Frame) -> None:
        """See `Task.prior`. A code is drawn to nothing."""


class WAEMMDTask(DeterministicTask[WAEMMD]):
    """Minimize −log p(x|z) + mmd_weight · MMD²(codes, N(0, I))."""

    capabilities = frozenset({"encode", "decode", "sample"})

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `DeterministicTask.columns`."""
        objective = self.objective
        assert isinstance(objective, WAEMMDObjective)
        return {"mmd_weight": Track.constant("mmd_weight", objective.mmd_weight)}

    def arguments(self, frame: Frame) -> Mapping[str, Any]:
        """See `DeterministicTask.arguments`."""
        objective = self.objective
        assert isinstance(objective, WAEMMDObjective)
        return {
            "mmd_weight": frame.props["mmd_weight"],
            "kernel": objective.kernel,
        }

    def reconstruct(self, inputs: Tensor, frame: Frame) -> Any:  # noqa: ARG002
        """See `DeterministicTask.reconstruct`."""
        return self.model(inputs)

    def prior(self, frame: Frame) -> Prior:  # noqa: ARG002
        """See `Task.prior`: the codes are pulled to N(0, I)."""
        return Prior.standard(next(self.model.parameters()).new_empty(0, self.model.latent_dim))


class DenoisingAETask(DeterministicTask[DenoisingAE]):
    """Minimize −log p(x|z), with z from a corrupted x."""

    capabilities = frozenset({"encode", "decode"})

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `DeterministicTask.columns`."""
        objective = self.objective
        assert isinstance(objective, DenoisingAEObjective)
        return {"noise": Track.constant("noise", objective.noise)}

    def arguments(self, frame: Frame) -> Mapping[str, Any]:  # noqa: ARG002
        """See `DeterministicTask.arguments`."""
        return {}

    def reconstruct(self, inputs: Tensor, frame: Frame) -> Any:
        """See `DeterministicTask.reconstruct`. Train mode corrupts the inputs."""
        return self.model(inputs, noise=frame.props["noise"])

    def prior(self, frame: Frame) -> None:
        """See `Task.prior`. A code is drawn to nothing."""
