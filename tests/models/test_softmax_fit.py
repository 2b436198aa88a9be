from __future__ import annotations

import pytest
import torch

from latelier.models.softmax_fit import fit_softmax


def test_it_recovers_a_softmax_model() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(400, 5, generator=generator) * torch.tensor([1, 10, 0.1, 1, 1])
    weight = torch.randn(3, 5, generator=generator) / torch.tensor([1, 10, 0.1, 1, 1])
    targets = (features @ weight.T + 0.3).softmax(-1)
    fitted, bias, divergence = fit_softmax(features, targets, steps=500, lr=0.1)
    assert divergence < 1e-4
    torch.testing.assert_close((features @ fitted.T + bias).softmax(-1), targets, atol=0.02, rtol=0)


def test_without_steps_it_is_uniform() -> None:
    targets = torch.eye(2)
    weight, bias, divergence = fit_softmax(torch.randn(2, 3), targets, steps=0, lr=0.1)
    assert not weight.any()
    assert not bias.any()
    assert divergence == pytest.approx(torch.tensor(2.0).log().item())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_keeps_the_features_dtype(dtype: torch.dtype) -> None:
    weight, bias, _ = fit_softmax(torch.randn(4, 3, dtype=dtype), torch.eye(4), steps=1, lr=0.1)
    assert weight.dtype == bias.dtype == dtype
    assert weight.shape == (4, 3)
    assert bias.shape == (4,)
