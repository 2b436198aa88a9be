from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Categorical, Normal, kl_divergence

from latelier.config.errors import ShapeError
from latelier.losses import (
    categorical_kl_to_uniform,
    component_log_densities,
    expected_gaussian_kl,
    expected_gaussian_kl_per_dimension,
    gaussian_kl_per_dimension,
    gaussian_log_density,
    kl_divergence_diag_gaussian,
)

seeds = st.integers(0, 2**31)
some = settings(deadline=None, max_examples=25)


def normal(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def as_normal(mu: Tensor, log_var: Tensor) -> Normal:
    return Normal(mu, (0.5 * log_var).exp())


def mixture(seed: int, batch: int, components: int, latent_dim: int) -> dict[str, Tensor]:
    return {
        "responsibilities": normal(seed, batch, components).softmax(-1),
        "mu": normal(seed + 1, batch, latent_dim),
        "log_var": normal(seed + 2, batch, latent_dim),
        "component_mu": 2 * normal(seed + 3, components, latent_dim),
        "component_log_var": normal(seed + 4, components, latent_dim),
    }


@some
@given(seeds, st.integers(1, 5), st.integers(1, 6))
def test_gaussian_kl_is_torch_distributions(seed: int, batch: int, latent_dim: int) -> None:
    mu_q, log_var_q, mu_p, log_var_p = (normal(seed + i, batch, latent_dim) for i in range(4))
    q, p = as_normal(mu_q, log_var_q), as_normal(mu_p, log_var_p)
    expected = kl_divergence(q, p)
    arguments = (mu_q, log_var_q, mu_p, log_var_p)
    torch.testing.assert_close(gaussian_kl_per_dimension(*arguments), expected)
    torch.testing.assert_close(kl_divergence_diag_gaussian(*arguments), expected.sum(-1))


@some
@given(seeds)
def test_without_p_it_is_the_standard_normal(seed: int) -> None:
    mu, log_var = normal(seed, 4, 3), normal(seed + 1, 4, 3)
    zero = torch.zeros_like(mu)
    given_p = gaussian_kl_per_dimension(mu, log_var, zero, zero)
    torch.testing.assert_close(gaussian_kl_per_dimension(mu, log_var), given_p)
    expected = kl_divergence(as_normal(mu, log_var), Normal(0.0, 1.0)).sum(-1)
    torch.testing.assert_close(kl_divergence_diag_gaussian(mu, log_var), expected)


def test_gaussian_kl_by_monte_carlo() -> None:
    mu, log_var = torch.tensor([[0.7, -0.3]]), torch.tensor([[-1.0, 0.4]])
    mu_p, log_var_p = torch.tensor([[0.0, 0.5]]), torch.tensor([[0.3, -0.2]])
    noise = torch.randn(200_000, 2, generator=torch.Generator().manual_seed(0))
    z = mu + (0.5 * log_var).exp() * noise
    ratio = as_normal(mu, log_var).log_prob(z) - as_normal(mu_p, log_var_p).log_prob(z)
    estimate = ratio.sum(-1).mean().item()
    exact = kl_divergence_diag_gaussian(mu, log_var, mu_p, log_var_p).item()
    assert abs(estimate - exact) < 0.02
    assert exact > 0.9  # so that 0.02 is a tight bound


def test_gaussian_kl_keeps_its_digits_near_the_prior() -> None:
    """KL ≈ ¼ log_var² for tiny log_var: exp(t) − 1 − t in float32 would return 0 or noise."""
    log_var = torch.full((1, 1), 1e-3)
    kl = kl_divergence_diag_gaussian(torch.zeros(1, 1), log_var).item()
    assert kl == pytest.approx(0.25e-6, rel=1e-3)


def test_gaussian_kl_gradients() -> None:
    tensors = tuple(normal(i, 3, 2).requires_grad_() for i in range(4))
    assert torch.autograd.gradcheck(gaussian_kl_per_dimension, tensors)
    assert torch.autograd.gradcheck(gaussian_kl_per_dimension, tensors[:2])


@pytest.mark.parametrize("name", ["log_var_q", "mu_p", "log_var_p"])
@pytest.mark.parametrize("shape", [(1, 3), (4, 1), (3,), (4, 3, 1)])
def test_gaussian_kl_never_broadcasts(name: str, shape: tuple[int, ...]) -> None:
    arguments: dict[str, Any] = {
        key: torch.zeros(4, 3) for key in ("mu_q", "log_var_q", "mu_p", "log_var_p")
    }
    arguments[name] = torch.zeros(shape)
    with pytest.raises(ShapeError, match=f"{name} has the wrong shape"):
        kl_divergence_diag_gaussian(**arguments)


@pytest.mark.parametrize("name", ["mu_p", "log_var_p"])
def test_half_of_p_is_an_error(name: str) -> None:
    zero = torch.zeros(2, 2)
    with pytest.raises(ShapeError, match=f"got {name} alone"):
        kl_divergence_diag_gaussian(zero, zero, **{name: zero})


@some
@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_expected_kl_is_the_double_loop(seed: int, batch: int, C: int, D: int) -> None:  # noqa: N803
    parts = mixture(seed, batch, C, D)
    r, mu, lv, mu_c, lv_c = (part.numpy() for part in parts.values())
    per_dimension = np.zeros((batch, D))
    for b in range(batch):
        for c in range(C):
            for d in range(D):
                ratio = lv_c[c, d] - lv[b, d]
                spread = math.exp(lv[b, d]) + (mu[b, d] - mu_c[c, d]) ** 2
                kl = 0.5 * (ratio + spread / math.exp(lv_c[c, d]) - 1)
                per_dimension[b, d] += r[b, c] * kl
    actual = expected_gaussian_kl_per_dimension(**parts)
    np.testing.assert_allclose(actual.numpy(), per_dimension, atol=1e-12)
    np.testing.assert_allclose(
        expected_gaussian_kl(**parts).numpy(), per_dimension.sum(1), atol=1e-12
    )


@some
@given(seeds)
def test_expected_kl_is_never_negative_in_float32(seed: int) -> None:
    """Tight, distant clusters are where a formula expanded into products goes below zero."""
    parts = {key: value.float() for key, value in mixture(seed, 8, 3, 16).items()}
    parts["component_mu"] = 30 * parts["component_mu"]
    parts["component_log_var"] = torch.full((3, 16), -9.0)
    parts["responsibilities"] = torch.eye(3)[torch.arange(8) % 3]
    parts["mu"] = parts["component_mu"][torch.arange(8) % 3]
    parts["log_var"] = torch.full((8, 16), -9.0)
    kl = expected_gaussian_kl(**parts)
    assert (kl == 0).all()


def test_expected_kl_gradients() -> None:
    parts = mixture(5, 3, 2, 2)
    names = list(parts)
    tensors = tuple(value.detach().requires_grad_() for value in parts.values())

    def function(*values: Tensor) -> Tensor:
        return expected_gaussian_kl(**dict(zip(names, values, strict=True)))

    assert torch.autograd.gradcheck(function, tensors)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("responsibilities", (4, 3)),
        ("responsibilities", (1, 2)),
        ("responsibilities", (4, 1)),
        ("log_var", (4, 1)),
        ("component_mu", (2, 1)),
        ("component_mu", (3,)),
        ("component_log_var", (1, 3)),
        ("component_log_var", (3, 3)),
        ("mu", (4, 3, 1)),
    ],
)
def test_expected_kl_names_the_wrong_tensor(name: str, shape: tuple[int, ...]) -> None:
    parts = {**mixture(0, 4, 2, 3), name: torch.zeros(shape)}
    for function in (expected_gaussian_kl, expected_gaussian_kl_per_dimension):
        with pytest.raises(ShapeError, match=f"^{name} has"):
            function(**parts)


@some
@given(seeds, st.integers(1, 8))
def test_categorical_kl_is_torch_distributions(seed: int, categories: int) -> None:
    log_probs = (4 * normal(seed, 5, categories)).log_softmax(-1)
    uniform = Categorical(probs=torch.ones_like(log_probs))
    expected = kl_divergence(Categorical(logits=log_probs), uniform)
    torch.testing.assert_close(categorical_kl_to_uniform(log_probs), expected)


def test_categorical_kl_bounds_shape_and_gradient() -> None:
    certain = torch.tensor([[0.0, -torch.inf, -torch.inf]])
    assert categorical_kl_to_uniform(certain).item() == pytest.approx(math.log(3))
    with pytest.raises(ShapeError, match=r"log_probs has 1 axes; got \[3\]; expected \[B, K\]"):
        categorical_kl_to_uniform(certain[0])
    logits = normal(1, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda t: categorical_kl_to_uniform(t.log_softmax(-1)), (logits,)
    )


@some
@given(seeds)
def test_log_densities_are_torch_distributions(seed: int) -> None:
    parts = mixture(seed, 4, 3, 2)
    z, mu, log_var = normal(seed + 9, 4, 2), parts["mu"], parts["log_var"]
    expected = as_normal(mu, log_var).log_prob(z).sum(-1)
    torch.testing.assert_close(gaussian_log_density(z, mu, log_var), expected)

    mu_c, lv_c = parts["component_mu"], parts["component_log_var"]
    table = component_log_densities(z, component_mu=mu_c, component_log_var=lv_c)
    assert table.shape == (4, 3)
    for c in range(3):
        column = gaussian_log_density(z, mu_c[c].expand_as(z), lv_c[c].expand_as(z))
        torch.testing.assert_close(table[:, c], column)


def test_log_densities_check_shapes() -> None:
    z, one = torch.zeros(4, 2), torch.zeros(1, 2)
    with pytest.raises(ShapeError, match=r"^mu has"):
        gaussian_log_density(z, one, z)
    with pytest.raises(ShapeError, match=r"^log_var has"):
        gaussian_log_density(z, z, one)
    with pytest.raises(ShapeError, match=r"^component_mu has"):
        component_log_densities(z, component_mu=torch.zeros(3, 1), component_log_var=one)
    with pytest.raises(ShapeError, match=r"^z has"):
        component_log_densities(z[0], component_mu=one, component_log_var=one)
