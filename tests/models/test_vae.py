from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from latelier.config.errors import ShapeError
from latelier.losses import kl_divergence_diag_gaussian
from latelier.models import VAE, VAEOutput

X = torch.rand(4, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def model(x: Tensor = X) -> VAE:
    torch.manual_seed(1)
    encoder, decoder = nn.Linear(6, 5), nn.Sequential(nn.Linear(2, 6), nn.Tanh())
    return VAE(encoder, decoder, latent_dim=2).double().build(x)


@pytest.mark.parametrize("S", [1, 3])
@pytest.mark.parametrize("training", [True, False])
def test_the_sample_axis_is_always_there(S: int, training: bool) -> None:  # noqa: N803
    vae = model().train(training)
    output = vae(X, S=S)
    assert output.z.shape == (4, S, 2)
    assert output.x_hat.shape == (4, S, 6)
    assert output.mu.shape == output.log_var.shape == (4, 2)
    assert vae.encode(X, S=S).z.shape == (4, S, 2)
    torch.testing.assert_close(vae.decode(output.z).x_hat, output.x_hat)


@pytest.mark.parametrize("S", [0, -1])
def test_fewer_than_one_sample_is_a_value_error(S: int) -> None:  # noqa: N803
    for call in (model(), model().encode):
        with pytest.raises(ValueError, match="number of samples S"):
            call(X, S=S)


def test_eval_tiles_the_mean_and_train_draws() -> None:
    vae = model().eval()
    output = vae(X, S=3)
    assert torch.equal(output.z, output.mu[:, None].expand(4, 3, 2))
    vae.train()
    output = vae(X, S=3)
    assert not torch.isclose(output.z[:, 0], output.z[:, 1]).any()
    assert not torch.isclose(output.z, output.mu[:, None]).any()


def test_samples_follow_q() -> None:
    vae = model()
    output = vae(X[:1], S=50_000)
    z, deviation = output.z[0], (0.5 * output.log_var[0]).exp()
    torch.testing.assert_close(z.mean(0), output.mu[0], atol=0.02, rtol=0)
    torch.testing.assert_close(z.std(0), deviation, atol=0.02, rtol=0)


def test_decode_does_not_guess_the_sample_axis() -> None:
    with pytest.raises(ShapeError, match=r"z has 2 axes; got \[4, 2\]; expected \[B, S, D\]"):
        model().decode(torch.zeros(4, 2, dtype=torch.float64))


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_objective_is_the_formula_in_loops(likelihood: str, reduction: str) -> None:
    output = model()(X, S=3)
    total = torch.zeros((), dtype=torch.float64)
    for b in range(4):
        ll = torch.zeros((), dtype=torch.float64)
        for s in range(3):
            x, y = X[b], output.x_hat[b, s]
            if likelihood == "gaussian":
                terms = -0.5 * (y - x) ** 2
            else:
                terms = x * y.sigmoid().log() + (1 - x) * (1 - y.sigmoid()).log()
            ll = ll + getattr(terms, reduction)() / 3
        mu, log_var = output.mu[b], output.log_var[b]
        kl = 0.5 * (mu**2 + log_var.exp() - 1 - log_var).sum()
        total = total + (ll - 2.5 * kl) / 4
    result = model().compute_loss(
        X, output, beta=2.5, likelihood=likelihood, recon_reduction=reduction,  # type: ignore[arg-type]
    )  # fmt: skip
    torch.testing.assert_close(result.objective, -total)


def test_diagnostics_state_the_elbo_with_beta_and_the_kl_without() -> None:
    output = model()(X)
    result = model().compute_loss(X, output, beta=4.0)
    d = result.diagnostics
    kl = kl_divergence_diag_gaussian(output.mu, output.log_var).mean().item()
    assert list(d) == ["elbo", "log_likelihood", "kl_divergence"]
    assert d["kl_divergence"] == pytest.approx(kl)
    assert d["elbo"] == pytest.approx(d["log_likelihood"] - 4 * kl)
    assert d["elbo"] == pytest.approx(-result.objective.item())


def test_beta_may_be_a_tensor() -> None:
    vae, output = model(), model()(X)
    as_float = vae.compute_loss(X, output, beta=0.3).objective
    as_tensor = vae.compute_loss(X, output, beta=torch.tensor(0.3, dtype=torch.float64)).objective
    torch.testing.assert_close(as_float, as_tensor)


@pytest.mark.parametrize("shape", [(4, 6), (4, 1, 6), (4, 2, 1), (1, 2, 6), (2, 4, 6)])
def test_x_hat_must_have_batch_samples_and_features(shape: tuple[int, ...]) -> None:
    output = VAEOutput(torch.zeros(shape), torch.zeros(4, 2, 2), *[torch.zeros(4, 2)] * 2)
    with pytest.raises(ShapeError, match=r"x_hat has the wrong shape.*expected \[4, 2, 6\]"):
        model().compute_loss(X.float(), output)


def test_images_whose_channels_look_like_samples() -> None:
    """[B, 3, H, W] with S = 3: an axis found by rank or size would be the wrong one."""
    x = torch.rand(3, 3, 2, 2)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(12, 4))
    decoder = nn.Sequential(nn.Linear(2, 12), nn.Unflatten(1, (3, 2, 2)))
    vae = VAE(encoder, decoder, latent_dim=2).build(x)
    output = vae(x, S=3)
    assert output.x_hat.shape == (3, 3, 3, 2, 2)
    for b in range(3):
        for s in range(3):
            torch.testing.assert_close(output.x_hat[b, s], decoder(output.z[b, s][None])[0])


def test_log_var_is_not_clamped() -> None:
    vae = model()
    with torch.no_grad():
        vae.posterior.log_var.bias.fill_(800.0)
    result = vae.compute_loss(X, vae.eval()(X))
    assert result.objective.isinf()


def test_sampling_the_prior_is_seeded_by_its_generator() -> None:
    vae = model()
    state = torch.get_rng_state()
    first, second = (vae.sample(5, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert first.shape == (5, 6)
    assert torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(vae.sample(5), first)


def test_codes_from_the_prior_go_through_the_decoder() -> None:
    vae = model()
    z = torch.randn(5, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    assert torch.equal(vae.decoder(z), vae.sample(5, generator=torch.Generator().manual_seed(3)))
    assert torch.equal(vae.decoder(z), vae.decode(z[:, None]).x_hat[:, 0])
