from __future__ import annotations

import doctest

import pytest

from latelier.models import ae, gmvae, precision, result, softmax_fit, supervised_ae, vae
from latelier.models.nets import conv


@pytest.mark.parametrize(
    "module", [ae, vae, supervised_ae, gmvae, precision, result, softmax_fit, conv]
)
def test_the_examples_in_docstrings_hold(module: object) -> None:
    outcome = doctest.testmod(module)  # type: ignore[arg-type]
    assert outcome.attempted > 0
    assert outcome.failed == 0
