"""What functions of the user's own may return, and what is said of anything else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch

from latelier.config import ConfigError, ShapeError
from latelier.models import AEEncodeOutput, LossResult
from latelier.models.returned import read_codes, read_loss, read_reconstruction

Z = torch.arange(6.0).reshape(2, 3)
LOG_VAR = -Z


class Pair(NamedTuple):
    mu: torch.Tensor
    log_var: torch.Tensor


@pytest.mark.parametrize(
    ("returned", "has_log_var"),
    [
        (Z, False),
        ((Z, LOG_VAR), True),
        ([Z, LOG_VAR], True),
        (Pair(Z, LOG_VAR), True),
        (SimpleNamespace(z=Z + 9, mu=Z, log_var=LOG_VAR), True),
        (SimpleNamespace(z=Z), False),
        ({"mu": Z, "log_var": LOG_VAR}, True),
        ({"z": Z}, False),
        ((Z, None), False),
        (AEEncodeOutput(Z), False),
    ],
)
def test_latents_are_read_in_every_form(returned, has_log_var) -> None:
    codes = read_codes(returned, 2)
    assert torch.equal(codes.z, Z)
    assert (codes.log_var is LOG_VAR) == has_log_var


@pytest.mark.parametrize(
    ("returned", "kind", "words"),
    [
        (None, ConfigError, "encode returns no latents; got NoneType"),
        ((Z, LOG_VAR, Z), ConfigError, r"a tuple of 3: a tensor \[2, 3\]"),
        ({"latent": Z}, ConfigError, "a mapping of latent"),
        (torch.zeros(2, 4, 1, 1), ShapeError, r"z of the wrong shape; got \[2, 4, 1, 1\].*flatten"),
        (torch.zeros(3, 4), ShapeError, r"expected \[2, D\]"),
        (torch.zeros(2, 4, dtype=torch.int64), ShapeError, "int64"),
        ((Z, torch.zeros(2, 1)), ShapeError, r"log_var.*got \[2, 1\]; expected \[2, 3\]"),
    ],
)
def test_what_holds_no_latents_is_refused(returned, kind, words) -> None:
    with pytest.raises(kind, match=words):
        read_codes(returned, 2)


def test_reconstructions_come_in_the_data_s_shape_or_flat() -> None:
    shape = (2, 1, 2, 3)
    x = torch.arange(12.0).reshape(shape)
    for returned in (x, x.flatten(1), SimpleNamespace(x_hat=x), {"x_hat": x}):
        assert torch.equal(read_reconstruction(returned, shape), x)
    with pytest.raises(
        ShapeError, match=r"got \[2, 5\]; expected \[2, 1, 2, 3\], or flat: \[2, 6\]"
    ):
        read_reconstruction(torch.zeros(2, 5), shape)
    with pytest.raises(ConfigError, match="decode returns no reconstruction; got a tuple of 1"):
        read_reconstruction((x,), shape)


def test_losses_are_read_in_every_form() -> None:
    loss = torch.ones((), requires_grad=True) * 2
    assert read_loss(loss).measured == {}
    result = read_loss((loss, {"a": 1.5, "b": loss * 2, "counts": torch.tensor([1, 2])}))
    assert result.objective is loss
    assert result.diagnostics == {"a": 1.5, "b": 4.0}
    assert not result.measured["b"].requires_grad
    assert read_loss(LossResult(loss, {"c": loss})).diagnostics == {"c": 2.0}
    with torch.no_grad():
        assert read_loss(torch.tensor(1.0)).objective == 1


LOSS = torch.ones((), requires_grad=True) * 1


@pytest.mark.parametrize(
    ("returned", "kind", "words"),
    [
        (1.5, ConfigError, "returns no loss; got float; expected a scalar tensor"),
        ((LOSS, 3), ConfigError, "returns no loss; got a tuple of 2"),
        (torch.ones(4, requires_grad=True) * 1, ShapeError, r"no scalar; got \[4\].*mean\(\)"),
        (torch.tensor(1.0), ConfigError, "no gradient.*without detach"),
        (torch.tensor(1), ConfigError, "no real number; got torch.int64"),
        ((LOSS, {"loss": LOSS}), ConfigError, "name that is taken; got 'loss'"),
        ((LOSS, {3: LOSS}), ConfigError, "name that is taken; got 3"),
        ((LOSS, {"a": "b"}), ConfigError, "the measurement a is no number; got str"),
    ],
)
def test_what_is_no_loss_is_refused(returned, kind, words) -> None:
    with pytest.raises(kind, match=words):
        read_loss(returned)
