from __future__ import annotations

import pytest
import torch

from latelier.config.errors import ShapeError
from latelier.losses import expect_rank, expect_shape


def test_equal_shapes_pass() -> None:
    expect_shape("mu", torch.zeros(2, 3), (2, 3))
    expect_shape("mu", torch.zeros(2, 3), torch.Size([2, 3]))
    expect_shape("mu", torch.zeros(2, 3), [2, 3])


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 1), (2, 3, 1), ()])
def test_other_shapes_fail_even_where_torch_would_broadcast(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        expect_shape("mu", torch.zeros(shape), (2, 3), because="log_var is [2, 3].")
    message = str(caught.value)
    assert message.startswith("mu ")
    assert str(list(shape)) in message
    assert "expected [2, 3]" in message
    assert message.endswith("log_var is [2, 3].")


def test_a_shape_error_is_a_value_error() -> None:
    assert issubclass(ShapeError, ValueError)


def test_rank_names_the_axes() -> None:
    expect_rank("z", torch.zeros(1, 1, 1), "B S D")
    with pytest.raises(ShapeError, match=r"z has 2 axes; got \[4, 2\]; expected \[B, S, D\]"):
        expect_rank("z", torch.zeros(4, 2), "B S D")
