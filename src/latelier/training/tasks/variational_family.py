"""Tasks of the members of the VAE family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from latelier.config import (
    AdaGVAEObjective,
    BetaTCVAEObjective,
    BetaVAEObjective,
    DIPVAEObjective,
    FactorVAEObjective,
    InfoVAEObjective,
    VAEObjective,
    VampVAEObjective,
)
from latelier.models import (
    DIPVAE,
    IWAE,
    VAE,
    AdaGVAE,
    BetaTCVAE,
    BetaVAE,
    FactorVAE,
    InfoVAE,
    VAEEncodeOutput,
    VampVAE,
)
from latelier.timeline import Track
from latelier.training.clock import Clock
from latelier.training.tasks.base import Encoded
from latelier.training.tasks.variational import VariationalTask


class VAETask(VariationalTask[VAE]):
    """Minimize −ELBO with β on the KL term."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, VAEObjective)
        return {"beta": Track.constant("beta", objective.beta)}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


class BetaVAETask(VariationalTask[BetaVAE]):
    """Minimize −log p(x|z) + β · |KL − C|, with β and C ramped up."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, BetaVAEObjective)
        epochs = clock.steps_per_epoch
        beta_end, capacity_end = objective.beta_warmup_epochs, objective.capacity_epochs
        return {
            "beta": _ramp("beta", beta_end * epochs, objective.beta),
            "capacity": _ramp("capacity", capacity_end * epochs, objective.capacity),
        }

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


class BetaTCVAETask(VariationalTask[BetaTCVAE]):
    """Minimize −log p(x|z) + α · I(x; z) + β · TC(z) + γ · dimensions' KL."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, BetaTCVAEObjective)
        return {
            "alpha": Track.constant("alpha", objective.alpha),
            "beta": Track.constant("beta", objective.beta),
            "gamma": Track.constant("gamma", objective.gamma),
        }

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {"examples": len(self.dataset.train)}


class FactorVAETask(VariationalTask[FactorVAE]):
    """Minimize −ELBO + γ · TC(z), and train the discriminator at a rate of its own."""

    rate_columns = {"discriminator.": "discriminator_lr"}  # noqa: RUF012

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, FactorVAEObjective)
        return {"gamma": Track.constant("gamma", objective.gamma)}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        objective = self.objective
        assert isinstance(objective, FactorVAEObjective)
        rate = objective.discriminator_lr
        return {"discriminator_lr": Track.constant("discriminator_lr", rate)}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


class DIPVAETask(VariationalTask[DIPVAE]):
    """Minimize −ELBO + λ_od · covariances² + λ_d · (variances − 1)²."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, DIPVAEObjective)
        return {
            "off_diagonal": Track.constant("off_diagonal", objective.off_diagonal),
            "diagonal": Track.constant("diagonal", objective.diagonal),
        }

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        objective = self.objective
        assert isinstance(objective, DIPVAEObjective)
        return {"of": objective.covariance}


class InfoVAETask(VariationalTask[InfoVAE]):
    """Minimize −log p(x|z) + (1 − α) · KL + (α + λ − 1) · MMD²."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, InfoVAEObjective)
        return {"mmd_weight": Track.constant("mmd_weight", objective.mmd_weight)}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        objective = self.objective
        assert isinstance(objective, InfoVAEObjective)
        return {"alpha": objective.alpha, "kernel": objective.kernel}


class IWAETask(VariationalTask[IWAE]):
    """Minimize −log mean_S p(x, z_s) / q(z_s|x)."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        return {}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


class VampVAETask(VariationalTask[VampVAE]):
    """Minimize −log p(x|z) + β · KL to the mean posterior of the pseudo-inputs."""

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, VampVAEObjective)
        return {"beta": Track.constant("beta", objective.beta)}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


class AdaGVAETask(VariationalTask[AdaGVAE]):
    """Minimize −ELBO of both halves of a pair, whose unchanged dimensions share a posterior."""

    capabilities = VariationalTask.capabilities | {"pairs"}
    takes_pairs = True

    def shared(self, first: Encoded, second: Encoded) -> Tensor:
        """See `Sharing.shared`."""
        return self.model.shared(_encode_output(first), _encode_output(second))

    def columns(self, clock: Clock) -> Mapping[str, Track]:  # noqa: ARG002
        """See `VariationalTask.columns`."""
        objective = self.objective
        assert isinstance(objective, AdaGVAEObjective)
        return {"beta": Track.constant("beta", objective.beta)}

    def rates(self) -> Mapping[str, Track]:
        """See `VariationalTask.rates`."""
        return {}

    def options(self) -> Mapping[str, Any]:
        """See `VariationalTask.options`."""
        return {}


def _encode_output(encoded: Encoded) -> VAEEncodeOutput:
    assert encoded.log_var is not None
    return VAEEncodeOutput(encoded.z[:, None], encoded.z, encoded.log_var)


def _ramp(name: str, end: int, value: float) -> Track:
    """Return a straight line from 0 to ``value`` at step ``end``; the value itself if that is 0."""
    if end == 0 or value == 0:
        return Track.constant(name, value)
    return Track.ramp(name, 0, end, 0.0, value)
