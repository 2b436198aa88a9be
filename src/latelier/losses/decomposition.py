"""The KL of a VAE taken apart: mutual information, total correlation, and each dimension's own KL.

Shapes: B batch, D latent size.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from latelier.config.errors import ConfigError
from latelier.losses.draws import uniform_like
from latelier.losses.shapes import expect_shape


class Decomposition(NamedTuple):
    """Three estimates whose sum is that of mean_B KL(q(z|x) ‖ N(0, I)); scalars, in nats."""

    mutual_information: Tensor
    total_correlation: Tensor
    dimension_kl: Tensor


def decompose_kl(z: Tensor, mu: Tensor, log_var: Tensor, *, examples: int) -> Decomposition:
    """Estimate the parts of the KL from one batch by minibatch stratified sampling.

    q(z) = mean over the training set of q(z|x) is estimated from the batch itself: the example
    that z was drawn from counts 1/N, the others share the rest.

    Args:
        z: One draw from each posterior, [B, D].
        mu: Posterior means, [B, D].
        log_var: Natural log of the posterior variances, [B, D].
        examples: N, the number of training examples; at least B.

    Returns:
        I(x; z), TC(z) and Σ_d KL(q(z_d) ‖ N(0, 1)). Estimates may be negative.

    Raises:
        ShapeError: If the shapes differ.
        ConfigError: If there are fewer examples than rows.

    Source:
        Chen et al., arXiv:1802.04942, eq. 2 and app. C.2.
    """
    for name, part in (("mu", mu), ("log_var", log_var)):
        expect_shape(name, part, z.shape, because=f"z is {list(z.shape)}.")
    batch = z.shape[0]
    if examples < batch:
        raise ConfigError(
            "there are fewer examples than rows of the batch",
            got=examples,
            expected=f"at least {batch}",
            remedy="Give the size of the training set.",
        )
    pairs = _log_normal(z.unsqueeze(1), mu, log_var)  # [B of z, B of x, D]
    weights = _log_weights(batch, examples, z)  # [B, B]
    log_q = torch.logsumexp(pairs.sum(-1) + weights, 1)
    log_q_dimensions = torch.logsumexp(pairs + weights.unsqueeze(-1), 1).sum(-1)
    log_q_given_x = pairs.diagonal().sum(0)  # diagonal() puts the pair axis last: [D, B]
    log_p = _log_normal(z, torch.zeros_like(z), torch.zeros_like(z)).sum(-1)
    return Decomposition(
        (log_q_given_x - log_q).mean(),
        (log_q - log_q_dimensions).mean(),
        (log_q_dimensions - log_p).mean(),
    )


def _log_normal(z: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    """Return log N(z; μ, σ²) of every dimension, broadcast, nothing summed."""
    return -0.5 * ((z - mu).square() * torch.exp(-log_var) + log_var + math.log(2 * math.pi))


def _log_weights(batch: int, examples: int, like: Tensor) -> Tensor:
    """Return the log weight of x_j in the estimate of q(z_i), [B, B]; each row sums to one."""
    if batch == 1:
        return like.new_zeros(1, 1)
    rest = (examples - 1) / (examples * (batch - 1))
    own = torch.eye(batch, device=like.device, dtype=torch.bool)
    weights = like.new_full((batch, batch), math.log(rest))
    return weights.masked_fill(own, -math.log(examples))


def permute_dimensions(z: Tensor) -> Tensor:
    """Shuffle each latent dimension over the batch by itself: z [B, D] from Π q(z_d).

    Random numbers come from the global generator.

    Source:
        Kim & Mnih, arXiv:1802.05983, algorithm 1.
    """
    order = uniform_like(z).argsort(0)
    return z.gather(0, order)


def covariance_penalties(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far a covariance [D, D] is from the identity: off and on the diagonal.

    Returns:
        Σ_{i≠j} Cov²_ij and Σ_i (Cov_ii − 1)², two scalars.

    Source:
        Kumar et al., arXiv:1711.00848, eq. 6 and 7.

    Example:
        >>> import torch
        >>> covariance_penalties(torch.tensor([[1.0, 0.5], [0.5, 3.0]]))
        (tensor(0.5000), tensor(4.))
    """
    diagonal = covariance.diagonal()
    off = covariance.square().sum() - diagonal.square().sum()
    return off, (diagonal - 1).square().sum()


def covariance(rows: Tensor) -> Tensor:
    """Return the covariance [D, D] of rows [B, D], divided by B."""
    centered = rows - rows.mean(0)
    return centered.T @ centered / rows.shape[0]


def activity_kl(activity: Tensor, target: float) -> Tensor:
    """Return Σ_d KL(Bernoulli(target) ‖ Bernoulli(activity_d)) of activities [D] in (0, 1).

    Source:
        Ng, Sparse autoencoder, CS294A lecture notes (2011), section 3.
    """
    activity = activity.clamp(1e-6, 1 - 1e-6)
    on = target * (math.log(target) - activity.log())
    off = (1 - target) * (math.log(1 - target) - torch.log1p(-activity))
    return (on + off).sum()
