"""Each member of the family against its paper's equation, written out with torch alone."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributions import Independent, MixtureSameFamily, Normal, kl_divergence
from torch.distributions.categorical import Categorical

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import covariance, decompose_kl, squared_mmd
from latelier.models import (
    DIPVAE,
    IWAE,
    VAE,
    WAEMMD,
    BetaTCVAE,
    BetaVAE,
    DenoisingAE,
    FactorVAE,
    InfoVAE,
    ObservationNoise,
    SparseAE,
    VAEOutput,
    VampVAE,
)

X = torch.rand(6, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def networks(features: int = 4) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(1)
    return nn.Linear(5, features).double(), nn.Linear(2, 5).double()


def built(kind: type[Any], **options: Any) -> Any:
    model = kind(*networks(), latent_dim=2, **options).double().build(X)
    with torch.no_grad():  # posteriors that differ, so that no term is zero by chance
        model.posterior.mu.weight.mul_(5.0)
    return model


def parts(output: VAEOutput) -> tuple[Tensor, Tensor]:
    """log p(x|z) and the KL, averaged over the batch."""
    ll = (-0.5 * (output.x_hat - X[:, None]) ** 2).sum(2).mean()
    posterior = Normal(output.mu, torch.exp(0.5 * output.log_var))
    return ll, kl_divergence(posterior, Normal(0.0, 1.0)).sum(1).mean()


def seeded(model: Any, samples: int = 1) -> VAEOutput:
    torch.manual_seed(5)
    output: VAEOutput = model(X, S=samples)
    return output


def test_beta_vae_holds_the_kl_at_the_capacity() -> None:
    model = built(BetaVAE)
    output = seeded(model)
    ll, kl = parts(output)
    for capacity in (0.0, 0.5 * kl.item(), 2 * kl.item()):
        result = model.compute_loss(X, output, beta=7.0, capacity=capacity)
        torch.testing.assert_close(result.objective, 7 * (kl - capacity).abs() - ll)
        assert result.diagnostics["capacity_gap"] == pytest.approx(kl.item() - capacity)


def test_beta_tcvae_weighs_each_part_of_the_kl() -> None:
    model = built(BetaTCVAE)
    output = seeded(model, samples=2)
    ll, _ = parts(output)
    info, tc, dims = decompose_kl(output.z[:, 0], output.mu, output.log_var, examples=60)
    result = model.compute_loss(X, output, examples=60, alpha=2.0, beta=3.0, gamma=5.0)
    torch.testing.assert_close(result.objective, 2 * info + 3 * tc + 5 * dims - ll)
    assert result.diagnostics["total_correlation"] == pytest.approx(tc.item())


@pytest.mark.parametrize("of", ["mean", "total"])
def test_dip_vae_pulls_the_covariance_to_the_identity(of: str) -> None:
    model = built(DIPVAE)
    output = seeded(model)
    ll, kl = parts(output)
    matrix = covariance(output.mu)
    if of == "total":
        matrix = matrix + torch.diag(output.log_var.exp().mean(0))
    off = 2 * matrix[0, 1] ** 2
    on = (matrix[0, 0] - 1) ** 2 + (matrix[1, 1] - 1) ** 2
    result = model.compute_loss(X, output, off_diagonal=3.0, diagonal=2.0, of=of)
    torch.testing.assert_close(result.objective, kl - ll + 3 * off + 2 * on)


def test_info_vae_trades_the_kl_for_the_mmd() -> None:
    model = built(InfoVAE)
    output = seeded(model)
    ll, kl = parts(output)
    torch.manual_seed(9)
    result = model.compute_loss(X, output, alpha=0.25, mmd_weight=11.0, kernel="rbf")
    torch.manual_seed(9)
    mmd = squared_mmd(output.z[:, 0], torch.randn(6, 2, dtype=torch.float64), "rbf")
    torch.testing.assert_close(result.objective, 0.75 * kl + 10.25 * mmd - ll)


def test_iwae_is_the_log_of_a_mean_of_weights() -> None:
    model = built(IWAE)
    output = seeded(model, samples=4)
    posterior = Normal(output.mu, torch.exp(0.5 * output.log_var))
    total = 0.0
    for b in range(6):
        weights = []
        for s in range(4):
            z = output.z[b, s]
            ll = (-0.5 * (output.x_hat[b, s] - X[b]) ** 2).sum()
            log_q = Normal(posterior.mean[b], posterior.stddev[b]).log_prob(z).sum()
            weights.append((ll + Normal(0.0, 1.0).log_prob(z).sum() - log_q).exp())
        total += torch.stack(weights).mean().log().item() / 6
    result = model.compute_loss(X, output)
    assert result.objective.item() == pytest.approx(-total)
    assert 1 <= result.diagnostics["effective_samples"] <= 4


def test_more_importance_samples_tighten_the_bound() -> None:
    model = built(IWAE)
    with torch.no_grad():
        bounds = [
            torch.stack([model.compute_loss(X, model(X, S=S)).objective for _ in range(200)]).mean()
            for S in (1, 5, 50)
        ]
    assert bounds[0] > bounds[1] > bounds[2]


def test_vamp_prior_is_the_mean_posterior_of_the_pseudo_inputs() -> None:
    model = built(VampVAE, pseudo_inputs=3)
    output = seeded(model, samples=2)
    mu, log_var = model.posterior(model.encoder(model.pseudo.examples))
    components = Independent(Normal(mu, torch.exp(0.5 * log_var)), 1)
    prior = MixtureSameFamily(Categorical(torch.ones(3)), components)
    posterior = Normal(output.mu[:, None], torch.exp(0.5 * output.log_var)[:, None])
    kl = (posterior.log_prob(output.z).sum(2) - prior.log_prob(output.z)).mean()
    ll, _ = parts(output)
    result = model.compute_loss(X, output, beta=2.0)
    torch.testing.assert_close(result.objective, 2 * kl - ll)
    result.objective.backward()
    assert model.pseudo.examples.grad.any()
    assert model.prior()[0].shape == (3, 2)


def test_vamp_samples_come_from_its_components() -> None:
    model = built(VampVAE, pseudo_inputs=2)
    with torch.no_grad():
        model.pseudo.examples.copy_(torch.stack([X[0] - 40, X[0] + 40]))
        model.posterior.log_var.weight.zero_()
        model.posterior.log_var.bias.fill_(-8.0)
    far = torch.stack([model.decoder(mu) for mu in model.prior()[0]])
    drawn = model.sample(50, generator=torch.Generator().manual_seed(0))
    nearest = torch.cdist(drawn, far).min(1)
    assert nearest.values.max() < 0.1 * torch.dist(*far)
    assert set(nearest.indices.tolist()) == {0, 1}


def test_factor_vae_each_side_learns_from_its_own_loss() -> None:
    model = built(FactorVAE, discriminator_width=8, discriminator_depth=1)
    output = seeded(model)
    ll, kl = parts(output)
    torch.manual_seed(3)
    result = model.compute_loss(X, output, gamma=4.0)
    correlation = model.discriminator(output.z[:, 0]).mean()
    measured = result.diagnostics
    assert measured["total_correlation"] == pytest.approx(correlation.item())
    expected = kl - ll + 4 * correlation + measured["discriminator"]
    torch.testing.assert_close(result.objective, expected)

    result.objective.backward(retain_graph=True)
    learned = [p.grad.clone() for p in model.discriminator.parameters()]
    encoder = model.encoder.weight.grad.clone()
    model.zero_grad()
    (kl - ll + 4 * correlation).backward(retain_graph=True)
    torch.testing.assert_close(model.encoder.weight.grad, encoder)  # no discriminator's loss in it
    model.zero_grad()
    torch.manual_seed(3)
    z = output.z[:, 0].detach()
    order = torch.rand_like(z).argsort(0)
    logits = model.discriminator(torch.cat([z, z.gather(0, order)]))
    F.binary_cross_entropy_with_logits(
        logits, torch.tensor([1.0] * 6 + [0.0] * 6, dtype=torch.float64)[:, None]
    ).backward()
    for actual, parameter in zip(learned, model.discriminator.parameters(), strict=True):
        torch.testing.assert_close(actual, parameter.grad)  # and no total correlation in that


def deterministic(kind: type[Any], **options: Any) -> Any:
    return kind(*networks(features=2), **options).double().build(X)


def test_wae_adds_the_mmd_of_the_codes() -> None:
    model = deterministic(WAEMMD)
    output = model(X)
    torch.manual_seed(2)
    result = model.compute_loss(X, output, mmd_weight=9.0)
    torch.manual_seed(2)
    mmd = squared_mmd(output.z, torch.randn(6, 2, dtype=torch.float64))
    recon = 0.5 * ((output.x_hat - X) ** 2).sum(1).mean()
    torch.testing.assert_close(result.objective, recon + 9 * mmd)


@pytest.mark.parametrize("penalty", ["l1", "kl"])
def test_sparse_ae_charges_activity(penalty: str) -> None:
    model = deterministic(SparseAE)
    output = model(X)
    result = model.compute_loss(X, output, sparsity_weight=3.0, penalty=penalty, activity=0.2)
    recon = 0.5 * ((output.x_hat - X) ** 2).sum(1).mean()
    if penalty == "l1":
        charge = output.z.abs().sum(1).mean()
    else:
        a = torch.sigmoid(output.z).mean(0)
        charge = (0.2 * (0.2 / a).log() + 0.8 * (0.8 / (1 - a)).log()).sum()
    torch.testing.assert_close(result.objective, recon + 3 * charge)


def test_denoising_ae_sees_noise_in_training_only() -> None:
    model = deterministic(DenoisingAE)
    torch.manual_seed(4)
    output = model(X, noise=0.5)
    torch.manual_seed(4)
    corrupted = X + 0.5 * torch.randn_like(X)
    torch.testing.assert_close(output.z, model.encoder(corrupted))
    objective = model.compute_loss(X, output).objective
    torch.testing.assert_close(objective, 0.5 * ((output.x_hat - X) ** 2).sum(1).mean())
    assert torch.equal(model.eval()(X, noise=0.5).z, model.encoder(X))


def test_masking_sets_that_share_to_zero() -> None:
    model = deterministic(DenoisingAE, corruption="mask")
    torch.manual_seed(0)
    masked = model.corrupt(torch.ones(1000, 5), 0.3)
    assert set(masked.unique().tolist()) == {0.0, 1.0}
    assert masked.mean() == pytest.approx(0.7, abs=0.03)
    with pytest.raises(ConfigError, match="corruption is unknown; got 'salt'"):
        DenoisingAE(*networks(2), corruption="salt")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["fixed", "learned"])
def test_the_decoders_noise_scales_the_density(kind: Any) -> None:
    model = built(VAE, noise=ObservationNoise(kind, 0.3))
    output = seeded(model)
    _, kl = parts(output)
    ll = Normal(output.x_hat[:, 0], 0.3).log_prob(X).sum(1).mean()
    torch.testing.assert_close(model.compute_loss(X, output).objective, kl - ll)
    assert ("noise.log_scale" in dict(model.named_parameters())) == (kind == "learned")
    assert "noise.log_scale" in model.state_dict()


def test_a_learned_scale_finds_the_residuals_size() -> None:
    noise = ObservationNoise("learned")
    residual = 0.07 * torch.randn(4000, generator=torch.Generator().manual_seed(0))
    optimizer = torch.optim.Adam(noise.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        (-noise(-0.5 * residual**2, "gaussian", 1).mean()).backward()
        optimizer.step()
    assert noise.log_scale.exp().item() == pytest.approx(
        residual.square().mean().sqrt().item(), rel=1e-3
    )


def test_noise_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ConfigError, match="scale is not positive"):
        ObservationNoise("fixed", 0.0)
    with pytest.raises(ConfigError, match="noise is unknown; got 'loud'"):
        ObservationNoise("loud")  # type: ignore[arg-type]


def test_one_example_is_too_few_for_the_mmd() -> None:
    model = deterministic(WAEMMD)
    with pytest.raises(ShapeError, match="batches of at least two"):
        model.compute_loss(X[:1], model(X[:1]))


def test_one_sample_of_the_iwae_is_a_vae_with_a_sampled_kl() -> None:
    model = built(IWAE)
    output = seeded(model)
    z, mu, log_var = output.z[:, 0], output.mu, output.log_var
    kl = Normal(mu, torch.exp(0.5 * log_var)).log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    ll, _ = parts(output)
    torch.testing.assert_close(model.compute_loss(X, output).objective, kl.sum(1).mean() - ll)
    assert math.isclose(model.compute_loss(X, output).diagnostics["effective_samples"], 1.0)
