from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest
import torch

from latelier.models import AEOutput, GMVAEEncodeOutput, GMVAEOutput, VAEOutput
from latelier.models.outputs import AdaGVAEOutput, Output


def graph_output() -> VAEOutput:
    mu = torch.arange(6.0).reshape(2, 3).requires_grad_()
    return VAEOutput(mu[:, None, :1] * 2, mu[:, None] * 1, mu * 2, mu * 0)


def test_repr_prints_shapes_not_numbers() -> None:
    output = AEOutput(torch.full((2, 1, 3, 3), 7.125), torch.zeros(2, 4, dtype=torch.bfloat16))
    assert repr(output) == "AEOutput(x_hat=[2, 1, 3, 3] float32, z=[2, 4] bfloat16)"
    assert "meta" in repr(AEOutput(torch.zeros(1, device="meta"), torch.zeros(1)))


def test_outputs_are_frozen() -> None:
    output = AEOutput(torch.zeros(1), torch.zeros(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        output.z = torch.ones(1)  # type: ignore[misc]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_an_output_with_a_graph_can_be_copied_and_pickled(copied: object) -> None:
    output = graph_output()
    assert output.z.grad_fn is not None
    other: Output = copied(output)  # type: ignore[operator]
    assert type(other) is VAEOutput
    for field in dataclasses.fields(output):
        before, after = getattr(output, field.name), getattr(other, field.name)
        assert torch.equal(before, after)
        assert before.data_ptr() != after.data_ptr()
        assert after.grad_fn is None


@pytest.mark.parametrize("kind", [GMVAEOutput, GMVAEEncodeOutput])
def test_responsibilities_are_the_softmax_of_the_logits(
    kind: type[GMVAEOutput] | type[GMVAEEncodeOutput],
) -> None:
    zero = torch.zeros(1, 1)
    names = [field.name for field in dataclasses.fields(kind) if field.name != "logits"]
    output = kind(**dict.fromkeys(names, zero), logits=torch.tensor([[0.0, 1.0]]).log())
    assert output.responsibilities.tolist() == [[0.0, 1.0]]


def test_a_record_can_be_detached_cloned_and_moved_to_the_cpu() -> None:
    output = graph_output()
    for changed in (output.detach(), output.clone(), output.cpu()):
        assert type(changed) is type(output)
        assert torch.equal(changed.mu, output.mu)
    assert not output.detach().x_hat.requires_grad
    assert output.clone().x_hat.requires_grad
    assert output.clone().mu.data_ptr() != output.mu.data_ptr()
    assert output.detach().mu.data_ptr() == output.mu.data_ptr()
    pair = AdaGVAEOutput(output, output).detach()
    assert not pair.output2.z.requires_grad
