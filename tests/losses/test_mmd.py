from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from latelier.config.errors import ConfigError, ShapeError
from latelier.losses import squared_mmd

SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def sample(count: int, width: int, seed: int, shift: float = 0.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, width, generator=generator, dtype=torch.float64) + shift


def naive(x: Tensor, y: Tensor, kernel: str) -> float:
    """The definition, one pair at a time."""

    def k(a: Tensor, b: Tensor) -> float:
        squared = sum((p - q) ** 2 for p, q in zip(a.tolist(), b.tolist(), strict=True))
        widths = [2 * len(a) * scale for scale in SCALES]
        if kernel == "imq":
            return sum(c / (c + squared) for c in widths)
        return sum(math.exp(-squared / c) for c in widths)

    def within(rows: Tensor) -> float:
        pairs = [k(a, b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j]
        return sum(pairs) / len(pairs)

    across = [k(a, b) for a, b in product(x, y)]
    return within(x) + within(y) - 2 * sum(across) / len(across)


@pytest.mark.parametrize("kernel", ["imq", "rbf"])
def test_it_is_the_definition(kernel: str) -> None:
    x, y = sample(7, 3, 0), sample(5, 3, 1, shift=0.5)
    assert float(squared_mmd(x, y, kernel)) == pytest.approx(naive(x, y, kernel))


@pytest.mark.parametrize("kernel", ["imq", "rbf"])
def test_it_tells_distributions_apart_and_is_unbiased(kernel: str) -> None:
    same = torch.stack(
        [squared_mmd(sample(40, 2, s), sample(40, 2, 1000 + s), kernel) for s in range(60)]
    )
    assert same.mean().abs() < 3 * same.std() / math.sqrt(60)
    assert squared_mmd(sample(40, 2, 0), sample(40, 2, 1, shift=1.0), kernel) > 5 * same.std()
    assert squared_mmd(3 * sample(40, 2, 0), sample(40, 2, 1), kernel) > 5 * same.std()


def test_gradients_and_symmetry() -> None:
    x, y = sample(4, 2, 0).requires_grad_(), sample(3, 2, 1)
    assert torch.autograd.gradcheck(lambda a: squared_mmd(a, y), (x,))
    torch.testing.assert_close(squared_mmd(x, y), squared_mmd(y, x))


def test_bad_input_is_named() -> None:
    with pytest.raises(ShapeError, match=r"cannot be compared; got \[4, 2\] and \[4, 3\]"):
        squared_mmd(torch.zeros(4, 2), torch.zeros(4, 3))
    with pytest.raises(ShapeError, match="two rows or more"):
        squared_mmd(torch.zeros(1, 2), torch.zeros(4, 2))
    with pytest.raises(ConfigError, match="kernel is unknown; got 'linear'"):
        squared_mmd(torch.zeros(4, 2), torch.zeros(4, 2), "linear")
