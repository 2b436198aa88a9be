"""The task of the Gaussian-mixture VAE: schedules of its weights, and the fitted start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from latelier.config import ConfigError, GMVAEModel, GMVAEObjective
from latelier.data import Batch
from latelier.losses import (
    categorical_kl_to_uniform,
    expected_gaussian_kl_per_dimension,
    gaussian_kl_per_dimension,
    squared_error,
)
from latelier.models import GMVAE, LossResult
from latelier.timeline import Frame, Track
from latelier.training.clock import Clock
from latelier.training.mixture_start import fit_components
from latelier.training.plan import Plan, learning_rate
from latelier.training.tasks.base import Encoded, Prior, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from latelier.training.session import Session

FIT_COMPONENTS = "fit-components"
MIXTURE_BEGUN = 0.5
"""Value of the column `mixture` from which the prior is the mixture, not N(0, I)."""


class GMVAETask(Task[GMVAE]):
    """Minimize recon + kld_weight · (w_cat · KL_c + KL_z) − w_ent · H(q̄(c))."""

    capabilities = frozenset({"encode", "decode", "posterior", "responsibilities", "sample"})
    objective: GMVAEObjective

    def check(self) -> None:
        """See `Task.check`."""
        assert isinstance(self.config.objective, GMVAEObjective)
        assert isinstance(self.config.model, GMVAEModel)
        self.objective = self.config.objective
        self.settings = self.config.model
        examples = len(self.dataset.train)
        if self.config.uses_fitted_mixture and self.settings.components > examples:
            raise ConfigError(
                "model.components is larger than the training data",
                got=self.settings.components,
                expected=f"at most {examples}, for each component starts from some of the examples",
                remedy="Lower it, give more data, or set model.component_init=random.",
            )

    @property
    def actions(self) -> Mapping[str, Callable[[Session], dict[str, Any]]]:
        """See `Task.actions`."""
        return {FIT_COMPONENTS: fit_components}

    def plan(self, clock: Clock) -> Plan:
        """See `Task.plan`. A fitted start adds the phase `warm-up` and the action that ends it."""
        start = self._mixture_start(clock)
        columns = {
            "lr": learning_rate(self.config.schedule, clock.total_steps),
            "kld_weight": Track.constant("kld_weight", self.objective.kld_weight),
            "cat_kl_weight": self._categorical_weight(clock, start),
            "entropy_bonus_weight": self._entropy_weight(clock, start),
            "mixture": Track.ramp("mixture", start, start, 0.0, 1.0),
        }
        if self.settings.component_init == "random":
            return Plan(columns)
        return Plan(columns, ((0, "warm-up"), (start, "mixture")), {start: (FIT_COMPONENTS,)})

    def _mixture_start(self, clock: Clock) -> int:
        """First step of the mixture; the windows of the anti-collapse options begin there too."""
        if self.settings.component_init == "random":
            return 0
        start = self.settings.warmup_epochs * clock.steps_per_epoch
        if start >= clock.total_steps:
            raise ConfigError(
                "model.warmup_epochs leaves no step for the mixture",
                got=f"{self.settings.warmup_epochs} epochs of {clock.steps_per_epoch} steps in a "
                f"run of {clock.total_steps} steps",
                expected="a warm-up shorter than the run",
                remedy="Train longer, warm up less, or set model.component_init=random.",
            )
        return start

    def _categorical_weight(self, clock: Clock, start: int) -> Track:
        if not self.objective.categorical_kl_anneal:
            return Track.constant("cat_kl_weight", 1.0)
        end = start + self.objective.categorical_kl_anneal_epochs * clock.steps_per_epoch
        peak = self.objective.categorical_kl_max_weight
        return Track.ramp("cat_kl_weight", start, end, 0.0, peak)

    def _entropy_weight(self, clock: Clock, start: int) -> Track:
        if not self.objective.entropy_bonus_enable:
            return Track.constant("entropy_bonus_weight", 0.0)
        end = start + self.objective.entropy_bonus_epochs * clock.steps_per_epoch
        keyframes = ((start, self.objective.entropy_bonus_weight), (end, 0.0))
        # There is nothing to keep alive during a warm-up.
        before = ((0, 0.0), (start - 1, 0.0)) if start > 1 else ()
        return Track("entropy_bonus_weight", (*before, *keyframes), timing="linear")

    def loss(self, batch: Batch, frame: Frame) -> LossResult:
        """See `Task.loss`."""
        props = frame.props
        return self.model.compute_loss(
            batch.targets,
            self.model(batch.inputs),
            kld_weight=props["kld_weight"],
            cat_kl_weight=props["cat_kl_weight"],
            entropy_bonus_weight=props["entropy_bonus_weight"],
            mixture=props["mixture"],
            recon_reduction=self.objective.recon_reduction,
        )

    def encode(self, inputs: Tensor) -> Encoded:
        """See `Task.encode`."""
        output = self.model.encode(inputs)
        return Encoded(output.mu, output.log_var, responsibilities=output.responsibilities)

    def decode(self, z: Tensor) -> Tensor:
        """See `Task.decode`."""
        return self.model.decode(z).x_hat

    def prior(self, frame: Frame) -> Prior:
        """See `Task.prior`: N(0, I) while a warm-up lasts, then the components."""
        mu = self.model.component_mu.detach()
        if frame.props["mixture"] < MIXTURE_BEGUN:
            return Prior.standard(mu)
        return Prior(mu.clone(), self.model.component_log_var.detach().clone())

    def anatomy(self, inputs: Tensor, encoded: Encoded, frame: Frame) -> dict[str, Tensor]:
        """See `Task.anatomy`.

        `kl` is averaged over q(c|x) and blended as in the loss: towards N(0, I) in a warm-up.
        `kl_c` is the categorical's, which has no weight then.
        """
        responsibilities, log_var = encoded.responsibilities, encoded.log_var
        assert responsibilities is not None
        assert log_var is not None
        x_hat = self.model.decode(encoded.z).x_hat
        to_mixture = expected_gaussian_kl_per_dimension(
            responsibilities,
            encoded.z,
            log_var,
            component_mu=self.model.component_mu,
            component_log_var=self.model.component_log_var,
        )
        to_normal = gaussian_kl_per_dimension(encoded.z, log_var)
        return {
            "recon": squared_error(inputs, x_hat, self.objective.recon_reduction),
            "kl": to_normal.lerp(to_mixture, frame.props["mixture"]),
            "kl_c": categorical_kl_to_uniform(responsibilities.log()),
        }
