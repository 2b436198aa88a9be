"""KL divergences and log densities of diagonal Gaussians, and of categoricals; in nats.

Shapes: B batch, D latent size, C mixture components, K categories. ``log_var`` is the natural
log of the variance σ². Nothing is clamped: a variance that overflows gives inf, and the training
loop stops on it by name.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from latelier.config.errors import ShapeError
from latelier.losses.entropies import entropy_from_log_probs
from latelier.losses.shapes import expect_rank, expect_shape

_LOG_2_PI = math.log(2 * math.pi)


def gaussian_kl_per_dimension(
    mu_q: Tensor, log_var_q: Tensor, mu_p: Tensor | None = None, log_var_p: Tensor | None = None
) -> Tensor:
    """Return KL(q ‖ p) of every dimension of two diagonal Gaussians.

    ½(r − 1 − log r + (μ_q − μ_p)²/σ_p²) with r = σ_q²/σ_p². It is computed as expm1(log r) − log r,
    which keeps its digits where q is nearly p.

    Args:
        mu_q: Means of q, [B, D].
        log_var_q: Log variances of q, [B, D].
        mu_p: Means of p, [B, D]; without p, p is N(0, I).
        log_var_p: Log variances of p, [B, D]; given exactly when ``mu_p`` is.

    Returns:
        KL in nats, [B, D]. Not summed.

    Raises:
        ShapeError: If the shapes differ, or one of ``mu_p`` and ``log_var_p`` is missing.

    Source:
        Kingma & Welling, arXiv:1312.6114, App. B.

    Example:
        >>> import torch
        >>> gaussian_kl_per_dimension(torch.tensor([[2.0, 0.0]]), torch.zeros(1, 2))
        tensor([[2., 0.]])
    """
    expect_shape("log_var_q", log_var_q, mu_q.shape, because="It must be shaped like mu_q.")
    if mu_p is None and log_var_p is None:
        return 0.5 * (torch.expm1(log_var_q) - log_var_q + mu_q.square())
    if mu_p is None or log_var_p is None:
        raise ShapeError(
            "p is given by half",
            got="mu_p alone" if log_var_p is None else "log_var_p alone",
            expected="both mu_p and log_var_p, or neither for N(0, I)",
        )
    expect_shape("mu_p", mu_p, mu_q.shape, because="It must be shaped like mu_q.")
    expect_shape("log_var_p", log_var_p, mu_q.shape, because="It must be shaped like mu_q.")
    log_ratio = log_var_q - log_var_p
    distance = (mu_q - mu_p).square() * torch.exp(-log_var_p)
    return 0.5 * (torch.expm1(log_ratio) - log_ratio + distance)


def kl_divergence_diag_gaussian(
    mu_q: Tensor, log_var_q: Tensor, mu_p: Tensor | None = None, log_var_p: Tensor | None = None
) -> Tensor:
    """Return KL(q ‖ p) of diagonal Gaussians, summed over dimensions.

    Args:
        mu_q: Means of q, [B, D].
        log_var_q: Log variances of q, [B, D].
        mu_p: Means of p, [B, D]; without p, p is N(0, I).
        log_var_p: Log variances of p, [B, D]; given exactly when ``mu_p`` is.

    Returns:
        KL in nats, [B]. Summed over D, not averaged.

    Raises:
        ShapeError: If the shapes differ, or one of ``mu_p`` and ``log_var_p`` is missing.

    Source:
        Kingma & Welling, arXiv:1312.6114, App. B.

    Example:
        >>> import torch
        >>> kl_divergence_diag_gaussian(torch.tensor([[2.0, 1.0]]), torch.zeros(1, 2))
        tensor([2.5000])
    """
    return gaussian_kl_per_dimension(mu_q, log_var_q, mu_p, log_var_p).sum(-1)


def expected_gaussian_kl(
    responsibilities: Tensor,
    mu: Tensor,
    log_var: Tensor,
    *,
    component_mu: Tensor,
    component_log_var: Tensor,
) -> Tensor:
    """Average the KL from a posterior to each mixture component.

    E_q(c|x)[KL(N(μ, σ²) ‖ N(μ_c, σ_c²))], the latent term of the GM-VAE; the expectation is the
    exact sum over c.

    Args:
        responsibilities: Component probabilities q(c|x), [B, C]. Rows sum to 1.
        mu: Posterior means, [B, D].
        log_var: Log variances of the posterior, [B, D].
        component_mu: Component means, [C, D].
        component_log_var: Log variances of the components, [C, D].

    Returns:
        Expected KL in nats, [B]. Summed over D, not averaged. Never negative.

    Raises:
        ShapeError: If the shapes disagree on B, C or D; the message names the tensor.

    Source:
        Jiang et al., arXiv:1611.05148, Eq. 9, with the KL in closed form.

    Example:
        >>> import torch
        >>> zero = torch.zeros(1, 1)
        >>> two_sigma_away = torch.full((1, 1), 2.0)
        >>> expected_gaussian_kl(
        ...     torch.ones(1, 1), two_sigma_away, zero, component_mu=zero, component_log_var=zero
        ... )
        tensor([2.])
    """
    kl = _component_kl(responsibilities, mu, log_var, component_mu, component_log_var)
    return (responsibilities * kl.sum(-1)).sum(-1)


def expected_gaussian_kl_per_dimension(
    responsibilities: Tensor,
    mu: Tensor,
    log_var: Tensor,
    *,
    component_mu: Tensor,
    component_log_var: Tensor,
) -> Tensor:
    """Return the terms of `expected_gaussian_kl` before they are summed over dimensions.

    Args:
        responsibilities: Component probabilities q(c|x), [B, C]. Rows sum to 1.
        mu: Posterior means, [B, D].
        log_var: Log variances of the posterior, [B, D].
        component_mu: Component means, [C, D].
        component_log_var: Log variances of the components, [C, D].

    Returns:
        Expected KL in nats, [B, D]. Not summed. Never negative.

    Raises:
        ShapeError: If the shapes disagree on B, C or D; the message names the tensor.

    Example:
        >>> import torch
        >>> mu, zero = torch.tensor([[2.0, 0.0]]), torch.zeros(1, 2)
        >>> expected_gaussian_kl_per_dimension(
        ...     torch.ones(1, 1), mu, zero, component_mu=zero, component_log_var=zero
        ... )
        tensor([[2., 0.]])
    """
    kl = _component_kl(responsibilities, mu, log_var, component_mu, component_log_var)
    return (responsibilities.unsqueeze(-1) * kl).sum(1)


def _component_kl(
    responsibilities: Tensor,
    mu: Tensor,
    log_var: Tensor,
    component_mu: Tensor,
    component_log_var: Tensor,
) -> Tensor:
    """KL(N(μ, σ²) ‖ N(μ_c, σ_c²)) per component and dimension, [B, C, D].

    Expanding the square into matrix products would need no [B, C, D], but subtracts numbers of
    the size μ²/σ_c² from each other (negative KLs in float32 once clusters are tight), and was no
    faster when measured at B = 128, C = D = 10.
    """
    _check_mixture(mu, log_var, component_mu, component_log_var)
    expect_shape(
        "responsibilities",
        responsibilities,
        (mu.shape[0], component_mu.shape[0]),
        because=f"mu is {list(mu.shape)} and there are {component_mu.shape[0]} components.",
    )
    log_ratio = log_var.unsqueeze(1) - component_log_var  # [B, C, D]
    distance = (mu.unsqueeze(1) - component_mu).square() * torch.exp(-component_log_var)
    return 0.5 * (torch.expm1(log_ratio) - log_ratio + distance)


def categorical_kl_to_uniform(log_probs: Tensor) -> Tensor:
    """Return KL(q ‖ uniform) of categorical distributions: log K − H(q).

    Args:
        log_probs: Natural logs of q, [B, K]; −inf stands for q = 0.

    Returns:
        KL in nats, [B]: 0 for the uniform distribution, log K for certainty.

    Raises:
        ShapeError: If ``log_probs`` is not [B, K].

    Example:
        >>> import torch
        >>> categorical_kl_to_uniform(torch.tensor([[0.0, -torch.inf], [0.5, 0.5]]).log_softmax(-1))
        tensor([0.6931, 0.0000])
    """
    expect_rank("log_probs", log_probs, "B K")
    return math.log(log_probs.shape[-1]) - entropy_from_log_probs(log_probs)


def gaussian_log_density(z: Tensor, mu: Tensor, log_var: Tensor) -> Tensor:
    """Return log N(z; μ, σ²) of diagonal Gaussians, one per row.

    Args:
        z: Points, [B, D].
        mu: Means, [B, D].
        log_var: Log variances, [B, D].

    Returns:
        Log density in nats, [B], constants included. Summed over D.

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> import torch
        >>> gaussian_log_density(torch.zeros(1, 2), torch.zeros(1, 2), torch.zeros(1, 2))
        tensor([-1.8379])
    """
    expect_shape("mu", mu, z.shape, because="It must be shaped like z.")
    expect_shape("log_var", log_var, z.shape, because="It must be shaped like z.")
    terms = (z - mu).square() * torch.exp(-log_var) + log_var + _LOG_2_PI
    return -0.5 * terms.sum(-1)


def component_log_densities(
    z: Tensor, *, component_mu: Tensor, component_log_var: Tensor
) -> Tensor:
    """Return log p(z|c) of every point under every mixture component.

    With equal weights, p(c|z) is its softmax over the last axis, and log p(z) its logsumexp minus
    log C.

    Args:
        z: Points, [B, D].
        component_mu: Component means, [C, D].
        component_log_var: Log variances of the components, [C, D].

    Returns:
        Log densities in nats, [B, C], constants included. Summed over D.

    Raises:
        ShapeError: If the shapes disagree on D.

    Example:
        >>> import torch
        >>> zero = torch.zeros(1, 2)
        >>> component_log_densities(zero, component_mu=zero, component_log_var=zero)
        tensor([[-1.8379]])
    """
    _check_mixture(z, z, component_mu, component_log_var, name="z")
    distance = (z.unsqueeze(1) - component_mu).square() * torch.exp(-component_log_var)
    return -0.5 * (distance + component_log_var + _LOG_2_PI).sum(-1)


def _check_mixture(
    mu: Tensor, log_var: Tensor, component_mu: Tensor, component_log_var: Tensor, name: str = "mu"
) -> None:
    expect_rank(name, mu, "B D")
    expect_shape("log_var", log_var, mu.shape, because="It must be shaped like mu.")
    expect_rank("component_mu", component_mu, "C D")
    expect_shape(
        "component_mu",
        component_mu,
        (component_mu.shape[0], mu.shape[1]),
        because=f"{name} is {list(mu.shape)}.",
    )
    expect_shape(
        "component_log_var",
        component_log_var,
        component_mu.shape,
        because="It must be shaped like component_mu.",
    )
