from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from latelier.config.errors import ConfigError, ShapeError
from latelier.models import VAE, AdaGVAE, AdaGVAEOutput

GENERATOR = torch.Generator().manual_seed(0)
X1 = torch.rand(6, 5, generator=GENERATOR, dtype=torch.float64)
X2 = torch.rand(6, 5, generator=GENERATOR, dtype=torch.float64)


def adagvae(**options: Any) -> AdaGVAE:
    torch.manual_seed(1)
    vae = VAE(nn.Linear(5, 4).double(), nn.Linear(3, 5).double(), latent_dim=3).double()
    return AdaGVAE(vae, **options).double().build(X1)


def by_hand(model: AdaGVAE, averaging: str, divergence: str) -> tuple[Tensor, ...]:
    """Means and variances of both views after adaptation, one number at a time."""
    first, second = model.vae.encode(X1), model.vae.encode(X2)
    mu = [first.mu.clone(), second.mu.clone()]
    var = [first.log_var.exp(), second.log_var.exp()]
    adapted = [mu[0].clone(), var[0].clone(), mu[1].clone(), var[1].clone()]
    for b in range(6):
        q1 = Normal(mu[0][b], var[0][b].sqrt())
        q2 = Normal(mu[1][b], var[1][b].sqrt())
        delta = kl_divergence(q1, q2)
        if divergence == "symmetric":
            delta = (delta + kl_divergence(q2, q1)) / 2
        threshold = (delta.max() + delta.min()) / 2
        for d in range(3):
            if not delta[d] < threshold:
                continue
            if averaging == "gvae":
                mean, variance = (mu[0][b, d] + mu[1][b, d]) / 2, (var[0][b, d] + var[1][b, d]) / 2
            else:
                precision = 1 / var[0][b, d] + 1 / var[1][b, d]
                variance = 1 / precision
                mean = (mu[0][b, d] / var[0][b, d] + mu[1][b, d] / var[1][b, d]) / precision
            for view in (0, 2):
                adapted[view][b, d], adapted[view + 1][b, d] = mean, variance
    return tuple(adapted)


@pytest.mark.parametrize("averaging", ["gvae", "mlvae"])
@pytest.mark.parametrize("divergence", ["forward", "symmetric"])
def test_shared_dimensions_take_one_posterior(averaging: Any, divergence: Any) -> None:
    model = adagvae(averaging=averaging, divergence=divergence).eval()
    output = model((X1, X2))
    expected = by_hand(model, averaging, divergence)
    views = (output.output1, output.output2)
    actual = [part for view in views for part in (view.mu, view.log_var.exp())]
    for a, e in zip(actual, expected, strict=True):
        torch.testing.assert_close(a, e)
    shared = output.output1.mu == output.output2.mu
    assert shared.any(1).all(), "the smallest divergence is below the threshold"
    assert not shared.all(1).any(), "the largest never is"


def test_a_pair_of_equal_examples_keeps_its_posterior() -> None:
    model = adagvae().eval()
    output = model((X1, X1))
    torch.testing.assert_close(output.output1.mu, model.vae.encode(X1).mu)


def test_the_objective_is_the_sum_of_both_views() -> None:
    model = adagvae()
    output = model((X1, X2), S=4)
    assert output.output1.z.shape == (6, 4, 3)
    assert output.output1.x_hat.shape == (6, 4, 5)
    result = model.compute_loss((X1, X2), output, beta=3.0)
    total, measured = torch.zeros(()), {}
    for name, x, view in (("x1", X1, output.output1), ("x2", X2, output.output2)):
        ll = (-0.5 * (view.x_hat - x[:, None]) ** 2).sum(2).mean()
        posterior = Normal(view.mu, torch.exp(0.5 * view.log_var))
        kl = kl_divergence(posterior, Normal(0.0, 1.0)).sum(1).mean()
        measured |= {f"log_likelihood_{name}": ll.item(), f"kl_divergence_{name}": kl.item()}
        total = total + 3 * kl - ll
    torch.testing.assert_close(result.objective, total)
    assert {k: result.diagnostics[k] for k in measured} == pytest.approx(measured)
    assert result.diagnostics["elbo"] == pytest.approx(-total.item())


def test_both_views_are_sampled_by_themselves_in_training() -> None:
    model = adagvae()
    output = model((X1, X2), S=2)
    shared = (output.output1.mu == output.output2.mu)[:, None].expand(-1, 2, -1)
    assert not (output.output1.z == output.output2.z)[shared].any()
    model.eval()
    output = model((X1, X2), S=2)
    assert torch.equal(output.output1.z, output.output1.mu[:, None].expand(-1, 2, -1))


def test_single_examples_go_through_the_vae() -> None:
    model = adagvae().eval()
    assert torch.equal(model.encode(X1).z, model.vae.encode(X1).z)
    z = model.encode(X1, S=2).z
    assert torch.equal(model.decode(z).x_hat, model.vae.decode(z).x_hat)
    draws = [model.sample(3, generator=torch.Generator().manual_seed(0)) for _ in range(2)]
    assert torch.equal(*draws)
    assert len(list(model.parameters())) == len(list(model.vae.parameters()))


def test_training_on_pairs_shares_what_did_not_change() -> None:
    """Two factors, mixed linearly; a pair differs in one. Each dimension finds a factor."""
    torch.manual_seed(0)
    model = AdaGVAE(VAE(nn.Linear(4, 16), nn.Linear(2, 4), latent_dim=2))
    mixing = torch.linalg.qr(torch.randn(4, 2)).Q
    model.build(torch.zeros(2, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(600):
        factors = torch.randn(64, 2)
        other = factors.clone()
        other[:, step % 2] = torch.randn(64)
        pair = (3 * factors @ mixing.T, 3 * other @ mixing.T)
        optimizer.zero_grad()
        model.compute_loss(pair, model(pair), beta=1.0).objective.backward()
        optimizer.step()
    factors = torch.randn(500, 2)
    codes = model.eval().encode(3 * factors @ mixing.T).mu
    relation = torch.corrcoef(torch.cat([codes, factors], 1).T)[:2, 2:].abs()
    assert relation.max(1).values.min() > 0.9, "each dimension follows one factor"
    assert relation.min() < 0.4


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: m(X1), ShapeError, r"takes pairs; got a tensor \[6, 5\]; expected \(x1, x2\)"),
        (lambda m: m((X1, X2, X1)), ShapeError, "takes pairs"),
        (lambda m: m((X1, X2[:3])), ShapeError, "x2 has the wrong shape"),
        (lambda m: m((X1, X2), S=0), ConfigError, "samples S is too small"),
        (lambda m: m.compute_loss(X1, m((X1, X2))), ShapeError, "takes pairs"),
    ],
)
def test_bad_input_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(adagvae())


def test_unknown_options_are_named() -> None:
    with pytest.raises(ConfigError, match="averaging is unknown; got 'mean'"):
        adagvae(averaging="mean")
    with pytest.raises(ConfigError, match="divergence is unknown"):
        adagvae(divergence="js")


def test_its_output_prints_shapes() -> None:
    output = adagvae()((X1, X2))
    assert isinstance(output, AdaGVAEOutput)
    assert "output1=VAEOutput(x_hat=[6, 1, 5] float64" in repr(output)
