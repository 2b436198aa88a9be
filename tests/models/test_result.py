from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from latelier.models import LossResult


def make() -> LossResult:
    measured = {
        "recon": torch.tensor(0.5, dtype=torch.float64),
        "qc_argmax_counts": torch.tensor([3, 1]),
        "accuracy": torch.tensor(0.25, dtype=torch.bfloat16),
        "count": torch.tensor(2),
    }
    return LossResult(torch.tensor(1.5, requires_grad=True) * 1, measured)


def test_diagnostics_are_the_scalars_as_floats() -> None:
    diagnostics = make().diagnostics
    assert diagnostics == {"recon": 0.5, "accuracy": 0.25, "count": 2.0}
    assert all(type(value) is float for value in diagnostics.values())


def test_diagnostics_cost_one_transfer(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("tolist", "item", "__float__"):
        original = getattr(Tensor, name)

        def counted(self: Tensor, name: str = name, original: Any = original) -> Any:
            calls.append(name)
            return original(self)

        monkeypatch.setattr(Tensor, name, counted)
    result = make()
    assert result.diagnostics is result.diagnostics
    assert calls == ["tolist"]


def test_no_measurements() -> None:
    assert LossResult(torch.tensor(1.0), {}).diagnostics == {}
    assert LossResult(torch.tensor(1.0), {"counts": torch.ones(3)}).diagnostics == {}


def test_repr_reads_like_a_summary() -> None:
    text = repr(make())
    assert text == "LossResult(objective=1.5, measured=recon, qc_argmax_counts, accuracy, count)"


def test_the_objective_keeps_its_graph() -> None:
    weight = torch.tensor(2.0, requires_grad=True)
    LossResult(weight.square(), {}).objective.backward()
    assert weight.grad == pytest.approx(4.0)
