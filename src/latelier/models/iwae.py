"""The importance-weighted autoencoder: a VAE trained on a tighter bound of log p(x)."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor

from latelier.losses import LikelihoodType, Reduction, gaussian_log_density
from latelier.models.outputs import VAEOutput
from latelier.models.precision import upcast
from latelier.models.result import LossResult
from latelier.models.variational import VariationalAutoencoder, measurements


@final
class IWAE(VariationalAutoencoder):
    """IWAE; arguments, train and eval behavior as in `VariationalAutoencoder`.

    Source:
        Burda et al., arXiv:1509.00519, eq. 8.
    """

    def prior(self) -> tuple[Tensor, Tensor]:
        """Return N(0, I); see `VariationalAutoencoder.prior`."""
        return self._standard_normal()

    def compute_loss(
        self,
        x: Tensor,
        output: VAEOutput,
        *,
        likelihood: LikelihoodType | str = LikelihoodType.GAUSSIAN,
        recon_reduction: Reduction = "sum",
    ) -> LossResult:
        """Return −mean_B log mean_S w_s, with w_s = p(x|z_s) p(z_s) / q(z_s|x).

        With one sample this is a VAE whose KL is estimated from that sample. In eval mode all
        samples are the posterior mean: the bound there needs ``model.train()`` under `no_grad`.

        Args:
            x: Targets, [B, *shape].
            output: What the model returned for them; S is its number of samples.
            likelihood: What p(x|z) is; a `LikelihoodType` or its name.
            recon_reduction: How log p adds up over features.

        Returns:
            The objective; measured, averaged over the batch, in nats: ``elbo`` (exact KL),
            ``log_likelihood``, ``kl_divergence``, ``iwae_bound`` (the objective's negative), and
            ``effective_samples`` ((Σw)²/Σw², 1 … S).

        Raises:
            ShapeError: If x_hat is not [B, S, *shape].
        """
        log_w = self._log_weights(x, output, likelihood, recon_reduction)  # [B, S]
        samples = log_w.shape[1]
        bound = (torch.logsumexp(log_w, 1) - math.log(samples)).mean()
        ll, kl = self.elbo_terms(x, output, likelihood, recon_reduction)
        share = torch.softmax(log_w, 1)
        effective = 1 / share.square().sum(1)
        others = {"iwae_bound": bound, "effective_samples": effective.mean()}
        return LossResult(-bound, measurements(ll - kl, ll, kl, **others))

    def _log_weights(
        self,
        x: Tensor,
        output: VAEOutput,
        likelihood: LikelihoodType | str,
        recon_reduction: Reduction,
    ) -> Tensor:
        """Return log p(x|z) + log p(z) − log q(z|x) of every sample, [B, S]."""
        ll = self.log_likelihood(x, output, likelihood, recon_reduction)
        z = upcast(output.z)  # [B, S, D]
        mu, log_var = (
            upcast(part).unsqueeze(1).expand_as(z) for part in (output.mu, output.log_var)
        )
        zeros = torch.zeros_like(z)
        flat = [part.flatten(0, 1) for part in (z, mu, log_var, zeros)]
        log_q = gaussian_log_density(flat[0], flat[1], flat[2])
        log_p = gaussian_log_density(flat[0], flat[3], flat[3])
        return ll + (log_p - log_q).reshape(ll.shape)
