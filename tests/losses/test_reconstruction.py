from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Bernoulli, Normal

from latelier.config.errors import ConfigError, DataError, ShapeError
from latelier.losses import (
    LikelihoodType,
    Reduction,
    check_targets,
    log_likelihood,
    reduce_features,
    reduced_log_likelihood,
    squared_error,
)


def pair(seed: int, *shape: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(shape, generator=generator, dtype=torch.float64)
    return x, 4 * torch.randn(shape, generator=generator, dtype=torch.float64)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31))
def test_gaussian_is_torch_normal_without_its_constant(seed: int) -> None:
    x, x_hat = pair(seed, 3, 2, 4)
    expected = Normal(x_hat, 1.0).log_prob(x) + 0.5 * math.log(2 * math.pi)
    torch.testing.assert_close(log_likelihood(x, x_hat, "gaussian"), expected)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31))
def test_bernoulli_is_torch_bernoulli(seed: int) -> None:
    x, logits = pair(seed, 3, 5)
    binary = x.round()
    expected = Bernoulli(logits=logits).log_prob(binary)
    torch.testing.assert_close(log_likelihood(binary, logits, "bernoulli"), expected)
    soft = x * logits.sigmoid().log() + (1 - x) * (1 - logits.sigmoid()).log()
    torch.testing.assert_close(log_likelihood(x, logits, "bernoulli"), soft)


def test_bernoulli_does_not_overflow() -> None:
    x, logits = torch.tensor([1.0, 0.0, 1.0]), torch.tensor([-1000.0, 1000.0, 1000.0])
    assert log_likelihood(x, logits, "bernoulli").tolist() == [-1000.0, -1000.0, 0.0]


def test_the_default_likelihood_is_gaussian_and_the_type_equals_its_name() -> None:
    x, x_hat = pair(0, 2, 3)
    assert torch.equal(log_likelihood(x, x_hat), log_likelihood(x, x_hat, LikelihoodType.GAUSSIAN))
    assert LikelihoodType("bernoulli") == "bernoulli"


@pytest.mark.parametrize("likelihood", list(LikelihoodType))
def test_likelihood_gradients(likelihood: LikelihoodType) -> None:
    x, x_hat = pair(1, 3, 4)
    x_hat.requires_grad_()
    assert torch.autograd.gradcheck(lambda y: log_likelihood(x, y, likelihood), (x_hat,))


@pytest.mark.parametrize("likelihood", list(LikelihoodType))
@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("axes", [1, 2])
def test_the_reduced_form_is_the_elementwise_one_reduced(
    likelihood: LikelihoodType, reduction: Reduction, axes: int
) -> None:
    x, x_hat = pair(3, 3, 2, 4)
    expected = reduce_features(log_likelihood(x, x_hat, likelihood), reduction, axes=axes)
    actual = reduced_log_likelihood(x, x_hat, likelihood, reduction, axes=axes)
    torch.testing.assert_close(actual, expected)
    x_hat.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda y: reduced_log_likelihood(x, y, likelihood, reduction, axes=axes), (x_hat,)
    )


def test_unknown_likelihood() -> None:
    with pytest.raises(ConfigError, match=r"got 'cauchy'; expected 'gaussian' or 'bernoulli' or"):
        log_likelihood(torch.zeros(1), torch.zeros(1), "cauchy")


@pytest.mark.parametrize("function", [log_likelihood, lambda x, y: squared_error(x, y, "sum")])
@pytest.mark.parametrize("shape", [(3, 1), (1, 4), (4,), (3, 1, 4)])
def test_nothing_broadcasts(
    function: Callable[[Tensor, Tensor], Tensor], shape: tuple[int, ...]
) -> None:
    with pytest.raises(ShapeError, match="x_hat has the wrong shape"):
        function(torch.zeros(3, 4), torch.zeros(shape))


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 5), st.integers(1, 5))
def test_squared_error_reductions(seed: int, batch: int, rows: int, columns: int) -> None:
    x, x_hat = pair(seed, batch, rows, columns)
    summed, mean = squared_error(x, x_hat, "sum"), squared_error(x, x_hat, "mean")
    assert summed.shape == mean.shape == (batch,)
    for b in range(batch):
        loop = sum((x[b, i, j] - x_hat[b, i, j]) ** 2 for i in range(rows) for j in range(columns))
        torch.testing.assert_close(summed[b], loop)
    torch.testing.assert_close(summed, mean * rows * columns)
    torch.testing.assert_close(mean.mean(), torch.nn.functional.mse_loss(x_hat, x))
    torch.testing.assert_close(summed, -2 * reduce_features(log_likelihood(x, x_hat), "sum"))


def test_squared_error_gradient() -> None:
    x, x_hat = pair(2, 3, 4)
    x_hat.requires_grad_()
    assert torch.autograd.gradcheck(lambda y: squared_error(x, y, "mean"), (x_hat,))


def test_reduce_features_keeps_leading_axes() -> None:
    values = torch.arange(24.0).reshape(2, 3, 2, 2)
    assert reduce_features(values, "sum").tolist() == [66.0, 210.0]
    assert reduce_features(values, "mean", axes=2).tolist() == [[1.5, 5.5, 9.5], [13.5, 17.5, 21.5]]
    assert reduce_features(torch.ones(2), "sum").tolist() == [1.0, 1.0]
    with pytest.raises(ConfigError, match="'sum' or 'mean'"):
        reduce_features(values, "none")  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [-0.001, 1.001, math.nan, math.inf, 255.0])
def test_targets_outside_the_unit_interval(bad: float) -> None:
    x = torch.tensor([[0.0, 1.0], [0.5, bad]])
    for likelihood in ("bernoulli", "continuous-bernoulli"):
        with pytest.raises(DataError, match=f"a {likelihood} likelihood needs targets"):
            check_targets(x, likelihood)
    check_targets(x, "gaussian")
    check_targets(x, "laplace")


def test_targets_on_the_bounds_and_none_at_all_pass() -> None:
    check_targets(torch.tensor([0.0, 1.0]), LikelihoodType.BERNOULLI)
    check_targets(torch.zeros(0, 4), "bernoulli")
