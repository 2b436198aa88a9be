from __future__ import annotations

import pytest
import torch
from torch import nn

from latelier.config.errors import ShapeError
from latelier.losses import LikelihoodType
from latelier.models import AE, AEOutput

X = torch.rand(4, 1, 2, 3, generator=torch.Generator().manual_seed(0))


def model() -> AE:
    torch.manual_seed(1)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(6, 2))
    decoder = nn.Sequential(nn.Linear(2, 6), nn.Unflatten(1, (1, 2, 3)))
    return AE(encoder, decoder).build(X)


def test_forward_is_decode_of_encode() -> None:
    ae = model()
    output = ae(X)
    assert output.z.shape == (4, 2)
    assert output.x_hat.shape == X.shape
    assert ae.latent_dim == 2
    assert torch.equal(output.z, ae.encode(X).z)
    assert torch.equal(output.x_hat, ae.decode(output.z).x_hat)


def test_gaussian_objective_is_half_the_summed_squared_error() -> None:
    output = model()(X)
    result = model().compute_loss(X, output)
    expected = 0.5 * (output.x_hat - X).square().sum((1, 2, 3)).mean()
    torch.testing.assert_close(result.objective, expected)
    assert result.diagnostics == {"log_likelihood": pytest.approx(-expected.item())}
    mean = model().compute_loss(X, output, recon_reduction="mean").objective
    torch.testing.assert_close(mean, expected / 6)


def test_bernoulli_objective_is_the_summed_cross_entropy() -> None:
    output = model()(X)
    result = model().compute_loss(X, output, likelihood=LikelihoodType.BERNOULLI)
    p = output.x_hat.sigmoid()
    expected = -(X * p.log() + (1 - X) * (1 - p).log()).sum((1, 2, 3)).mean()
    torch.testing.assert_close(result.objective, expected)


@pytest.mark.parametrize("shape", [(4, 6), (4, 1, 1, 3), (1, 1, 2, 3), (4, 2, 3)])
def test_another_shape_than_x_is_an_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="x_hat has the wrong shape"):
        model().compute_loss(X, AEOutput(torch.zeros(shape), torch.zeros(4, 2)))


def test_with_the_weight_2_the_mean_is_the_plain_mean_squared_error() -> None:
    net, x = model(), torch.rand(4, 1, 2, 3)
    output = net(x)
    result = net.compute_loss(x, output, recon_reduction="mean", recon_weight=2.0)
    mse = (output.x_hat - x).square().mean()
    assert torch.allclose(result.objective, mse)
    assert result.diagnostics["log_likelihood"] == pytest.approx(-mse.item() / 2)
