from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import kl_divergence_diag_gaussian
from latelier.models import GMVAE, GMVAEOutput

X = torch.rand(5, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def model(components: int = 3, latent_dim: int = 2) -> GMVAE:
    torch.manual_seed(1)
    encoder, decoder = nn.Linear(6, 4), nn.Linear(latent_dim, 6)
    gmvae = GMVAE(encoder, decoder, latent_dim, components).double().build(X)
    with torch.no_grad():
        gmvae.component_log_var.normal_(std=0.5)
    return gmvae


def loops(model: GMVAE, output: GMVAEOutput, *, mixture: float, reduction: str) -> dict[str, float]:
    """The terms of the loss as plain loops over numbers."""
    x, x_hat = X.numpy(), output.x_hat.detach().numpy()
    mu, lv, logits = (t.detach().numpy() for t in (output.mu, output.log_var, output.logits))
    mu_c, lv_c = model.component_mu.detach().numpy(), model.component_log_var.detach().numpy()
    B, D, K = *mu.shape, len(mu_c)  # noqa: N806
    recon = kld_c = kld_z = pmax = entropy = 0.0
    q_mean, counts = np.zeros(K), np.zeros(K)
    for b in range(B):
        q = np.exp(logits[b]) / np.exp(logits[b]).sum()
        squares = [(x_hat[b, f] - x[b, f]) ** 2 for f in range(6)]
        recon += (sum(squares) / (6 if reduction == "mean" else 1)) / B
        kld_c += sum(q[c] * math.log(q[c] * K) for c in range(K)) / B
        for d in range(D):
            s2 = math.exp(lv[b, d])
            kld_z += (1 - mixture) * 0.5 * (mu[b, d] ** 2 + s2 - 1 - lv[b, d]) / B
            for c in range(K):
                gap = s2 + (mu[b, d] - mu_c[c, d]) ** 2
                kl = 0.5 * (lv_c[c, d] - lv[b, d] + gap / math.exp(lv_c[c, d]) - 1)
                kld_z += mixture * q[c] * kl / B
        q_mean += q / B
        counts[q.argmax()] += 1
        pmax += q.max() / B
        entropy -= sum(p * math.log(p) for p in q) / B
    bonus = -sum(p * math.log(p) for p in q_mean)
    return {
        "recon": recon, "kld_c": kld_c, "kld_z": kld_z, "bonus": bonus, "qc_pmax": pmax,
        "qc_entropy_mean": entropy, "qc_neff": math.exp(bonus), "counts": counts,  # type: ignore[dict-item]
    }  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(
    kld_weight=st.floats(0, 3), w_cat=st.floats(0, 2), w_ent=st.floats(0, 2),
    mixture=st.sampled_from([0.0, 0.25, 1.0]), reduction=st.sampled_from(["sum", "mean"]),
    components=st.integers(1, 4),
)  # fmt: skip
def test_the_objective_is_the_formula_in_loops(
    kld_weight: float, w_cat: float, w_ent: float, mixture: float, reduction: Any, components: int
) -> None:
    gmvae = model(components)
    output = gmvae(X)
    terms = loops(gmvae, output, mixture=mixture, reduction=reduction)
    result = gmvae.compute_loss(
        X, output, kld_weight=kld_weight, cat_kl_weight=w_cat, entropy_bonus_weight=w_ent,
        mixture=mixture, recon_reduction=reduction,
    )  # fmt: skip
    kl = kld_weight * (mixture * w_cat * terms["kld_c"] + terms["kld_z"])
    expected = terms["recon"] + kl - w_ent * terms["bonus"]
    assert result.objective.item() == pytest.approx(expected, abs=1e-10)
    d = result.diagnostics
    for name in ("recon", "kld_c", "kld_z", "qc_pmax", "qc_entropy_mean", "qc_neff"):
        assert d[name] == pytest.approx(terms[name], abs=1e-10), name
    assert (d["cat_kl_weight"], d["entropy_bonus_weight"]) == (w_cat, w_ent)
    counts = result.measured["qc_argmax_counts"]
    assert counts.tolist() == terms["counts"].tolist()  # type: ignore[attr-defined]
    assert counts.sum() == 5


def test_defaults_are_the_plain_model() -> None:
    gmvae, output = model(), model()(X)
    d = gmvae.compute_loss(X, output).diagnostics
    objective = gmvae.compute_loss(X, output).objective.item()
    assert objective == pytest.approx(d["recon"] + d["kld_c"] + d["kld_z"])


def test_one_standard_normal_component_is_the_vae() -> None:
    gmvae = model(components=1)
    gmvae.initialize_mixture(torch.zeros(1, 2), torch.zeros(1, 2))
    output = gmvae(X)
    expected = kl_divergence_diag_gaussian(output.mu, output.log_var).mean().item()
    for mixture in (0.0, 0.5, 1.0):
        d = gmvae.compute_loss(X, output, mixture=mixture).diagnostics
        assert d["kld_z"] == pytest.approx(expected)
        assert d["kld_c"] == pytest.approx(0, abs=1e-12)


def test_equal_components_make_the_assignment_irrelevant() -> None:
    gmvae = model()
    gmvae.initialize_mixture(torch.zeros(3, 2), torch.zeros(3, 2))
    output = gmvae(X)
    expected = kl_divergence_diag_gaussian(output.mu, output.log_var).mean().item()
    assert gmvae.compute_loss(X, output).diagnostics["kld_z"] == pytest.approx(expected)


def test_the_warm_up_leaves_components_and_assignment_alone() -> None:
    gmvae = model()
    gmvae.compute_loss(X, gmvae(X), mixture=0.0).objective.backward()
    for parameter in (gmvae.component_mu, gmvae.component_log_var):
        assert parameter.grad is None or not parameter.grad.any()
    for parameter in gmvae.categorical.parameters():
        assert parameter.grad is None or not parameter.grad.any()
    assert gmvae.posterior.mu.weight.grad is not None
    assert gmvae.posterior.mu.weight.grad.any()


def test_weights_may_be_tensors() -> None:
    gmvae, output = model(), model()(X)
    weights = {"kld_weight": 0.3, "cat_kl_weight": 0.5, "entropy_bonus_weight": 0.2}
    for mixture in (0.0, 0.5, 1.0):
        numbers = {**weights, "mixture": mixture}
        tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in numbers.items()}
        torch.testing.assert_close(
            gmvae.compute_loss(X, output, **numbers).objective,  # type: ignore[arg-type]
            gmvae.compute_loss(X, output, **tensors).objective,  # type: ignore[arg-type]
        )


def test_a_component_that_died_gives_finite_gradients() -> None:
    gmvae = model()
    with torch.no_grad():
        gmvae.categorical.bias[1] = -1e4
    result = gmvae.compute_loss(X, gmvae(X), entropy_bonus_weight=1.0)
    result.objective.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in gmvae.parameters())
    assert result.diagnostics["qc_neff"] < 2.01


def test_the_entropy_bonus_pulls_assignments_apart() -> None:
    """All mass on one component: the bonus must push the head's bias towards the others."""
    gmvae = model()
    with torch.no_grad():
        gmvae.categorical.weight.zero_()
        gmvae.categorical.bias.copy_(torch.tensor([2.0, 0.0, 0.0]))
    options = {"kld_weight": 0.0, "entropy_bonus_weight": 1.0}
    gmvae.compute_loss(X, gmvae(X), **options).objective.backward()  # type: ignore[arg-type]
    gradient = gmvae.categorical.bias.grad
    assert gradient is not None
    assert gradient[0] > 0 > gradient[1]


def test_train_draws_and_eval_uses_the_mean() -> None:
    gmvae = model()
    assert not torch.isclose(gmvae(X).z, gmvae(X).mu).any()
    output = gmvae.eval()(X)
    assert torch.equal(output.z, output.mu)
    assert torch.equal(gmvae.encode(X).logits, output.logits)
    assert torch.equal(gmvae.decode(output.z).x_hat, output.x_hat)
    torch.testing.assert_close(output.responsibilities.sum(-1), torch.ones(5).double())


def test_samples_of_a_component_have_its_moments() -> None:
    gmvae = model()
    generator = torch.Generator().manual_seed(0)
    z = gmvae.sample_latents(50_000, component=2, generator=generator).detach()
    torch.testing.assert_close(z.mean(0), gmvae.component_mu[2].detach(), atol=0.03, rtol=0)
    deviation = (0.5 * gmvae.component_log_var[2]).exp().detach()
    torch.testing.assert_close(z.std(0), deviation, atol=0.03, rtol=0)


def test_samples_of_the_prior_use_every_component_equally() -> None:
    gmvae = model()
    gmvae.initialize_mixture(torch.tensor([[-50.0, 0], [0, 0], [50, 0]]), torch.zeros(3, 2))
    z = gmvae.sample_latents(30_000, generator=torch.Generator().manual_seed(0))
    assignment = gmvae.component_posterior(z).argmax(-1)
    shares = torch.bincount(assignment, minlength=3) / 30_000
    torch.testing.assert_close(shares, torch.full((3,), 1 / 3), atol=0.02, rtol=0)


@pytest.mark.parametrize("component", [1, None])
def test_sampling_decodes_and_draws_from_its_generator_only(component: int | None) -> None:
    gmvae = model()
    state = torch.get_rng_state()
    latents, images = (
        draw(4, component=component, generator=torch.Generator().manual_seed(2))
        for draw in (gmvae.sample_latents, gmvae.sample)
    )
    assert torch.equal(gmvae.decode(latents).x_hat, images)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("component", [-1, 3])
def test_no_such_component(component: int) -> None:
    with pytest.raises(ConfigError, match=f"no such component; got {component}; expected 0 to 2"):
        model().sample(1, component=component)


def test_initialize_mixture_sets_values_and_checks_shapes() -> None:
    gmvae = model()
    mu, log_var = torch.arange(6.0).reshape(3, 2), -torch.arange(6.0).reshape(3, 2)
    parameter = gmvae.component_mu
    gmvae.initialize_mixture(mu, log_var)
    assert gmvae.component_mu is parameter
    assert parameter.requires_grad
    assert torch.equal(gmvae.component_mu.float(), mu)
    assert torch.equal(gmvae.component_log_var.float(), log_var)
    with pytest.raises(ShapeError, match=r"^component_mu has.*3 components of 2 dimensions"):
        gmvae.initialize_mixture(mu[:1], log_var)
    with pytest.raises(ShapeError, match=r"^component_log_var has"):
        gmvae.initialize_mixture(mu, log_var[:, :1])


def blobs() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    group = torch.arange(60) % 3
    centers = torch.tensor([[0.0, 100, 0, 0], [0, 101, 1, 0], [0, 100, 1, 0]], dtype=torch.float64)
    features = centers[group] + 0.05 * torch.randn(60, 4, generator=generator).double()
    features[:, 0] = 7.0  # constant, as of a dead unit
    return features, torch.eye(3, dtype=torch.float64)[group] * 0.94 + 0.02


def test_the_categorical_head_takes_given_responsibilities() -> None:
    gmvae, (features, targets) = model(), blobs()
    before = {k: v.clone() for k, v in gmvae.state_dict().items() if "categorical" not in k}
    state = torch.get_rng_state()
    divergence = gmvae.fit_categorical_head(features, targets)
    fitted = gmvae.categorical(features).softmax(-1)
    assert divergence < 0.01
    expected = (targets * (targets.log() - fitted.log())).sum(-1).mean().item()
    assert divergence == pytest.approx(expected, abs=1e-5)
    assert torch.equal(fitted.argmax(-1), targets.argmax(-1))
    assert torch.equal(torch.get_rng_state(), state)
    after = gmvae.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert all(p.grad is None for p in gmvae.parameters())


def test_the_fit_of_the_head_is_deterministic_and_forgets_the_old_head() -> None:
    features, targets = blobs()
    first, second = model(), model()
    with torch.no_grad():
        second.categorical.weight.add_(1.0)
    assert first.fit_categorical_head(features, targets, steps=20) == (
        second.fit_categorical_head(features, targets, steps=20)
    )
    assert torch.equal(first.categorical.weight, second.categorical.weight)
    assert torch.equal(first.categorical.bias, second.categorical.bias)


def test_the_fit_of_the_head_works_inside_no_grad() -> None:
    features, targets = blobs()
    with torch.no_grad():
        assert model().fit_categorical_head(features, targets) < 0.01


def test_the_fit_of_the_head_checks_shapes() -> None:
    features, targets = blobs()
    with pytest.raises(ShapeError, match=r"^features has.*model\.features"):
        model().fit_categorical_head(features[:, :3], targets)
    with pytest.raises(ShapeError, match=r"^responsibilities has"):
        model().fit_categorical_head(features, targets[:, :2])


def test_sizes_are_checked() -> None:
    with pytest.raises(ConfigError, match="too few components"):
        GMVAE(nn.Linear(6, 4), nn.Linear(2, 6), 2, 0)
    output = model()(X)
    with pytest.raises(ShapeError, match=r"^x_hat has"):
        model().compute_loss(X[:, :1], output)
