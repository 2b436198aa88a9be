"""The task of the autoencoder with a codebook."""

from __future__ import annotations

from torch import Tensor

from latelier.config import VQVAEObjective
from latelier.data import Batch
from latelier.losses import observation_mean
from latelier.models import VQVAE, LossResult
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Task
from latelier.training.tasks.likelihoods import check_range, negative_log_likelihood


class VQVAETask(Task[VQVAE]):
    """Minimize −log p(x|z) + commitment · ‖z_e − sg(code)‖².

    Maps show z_e, the encoder's vector before it is quantized; a latent is quantized when decoded.
    """

    capabilities = frozenset({"encode", "decode"})
    objective: VQVAEObjective

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, VQVAEObjective)
        self.objective = self.config.objective
        check_range(self, self.objective.likelihood)

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`."""
        return Plan(
            {
                "lr": learning_rate(self.config.schedule, clock.total_steps),
                "commitment": Track.constant("commitment", self.objective.commitment),
            }
        )

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.inputs),
            commitment=frame.props["commitment"],
            likelihood=self.objective.likelihood,
            recon_reduction=self.objective.recon_reduction,
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        return Encoded(self.model.encode(inputs).z_e)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        codes, _ = self.model.codebook(z)
        return observation_mean(self.model.decode(codes).x_hat, self.objective.likelihood)

    def prior(self, frame: Frame) -> None:
        """See `Task.prior`. The prior of a VQ-VAE is a second model over its tokens."""

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:  # noqa: ARG002
        """See `Task.anatomy`."""
        codes, _ = self.model.codebook(encoded.z)
        x_hat = self.model.decode(codes).x_hat
        return {"recon": negative_log_likelihood(inputs, x_hat, self.objective.likelihood)}
