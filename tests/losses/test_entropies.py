from __future__ import annotations

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Categorical

from latelier.losses import entropy, entropy_from_log_probs


def logits_of(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(shape, generator=generator, dtype=torch.float64)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.integers(1, 9))
def test_both_forms_are_torch_categorical(seed: int, categories: int) -> None:
    logits = logits_of(seed, 2, 3, categories)
    expected = Categorical(logits=logits).entropy()
    assert expected.shape == (2, 3)
    torch.testing.assert_close(entropy(logits.softmax(-1)), expected)
    torch.testing.assert_close(entropy_from_log_probs(logits.log_softmax(-1)), expected)


def test_bounds() -> None:
    uniform = torch.full((7,), 1 / 7, dtype=torch.float64)
    torch.testing.assert_close(entropy(uniform).item(), math.log(7))
    torch.testing.assert_close(entropy_from_log_probs(uniform.log()).item(), math.log(7))
    certain = torch.tensor([0.0, 1.0, 0.0])
    assert entropy(certain) == 0
    assert entropy_from_log_probs(certain.log()) == 0


def test_gradients_by_finite_differences() -> None:
    logits = logits_of(3, 4, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda t: entropy(t.softmax(-1)), (logits,))
    assert torch.autograd.gradcheck(lambda t: entropy_from_log_probs(t.log_softmax(-1)), (logits,))


def test_a_category_that_underflows_gives_a_finite_gradient() -> None:
    logits = torch.tensor([0.0, 1.0, -200.0], requires_grad=True)
    assert logits.softmax(-1)[2] == 0
    entropy_from_log_probs(logits.log_softmax(-1)).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert logits.grad[2] == 0
