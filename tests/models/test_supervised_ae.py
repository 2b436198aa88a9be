from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.models import SupervisedAE, SupervisedAEOutput

X = torch.rand(4, 6, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([2, 0, 1, 2])


def model() -> SupervisedAE:
    torch.manual_seed(1)
    return SupervisedAE(nn.Linear(6, 2), nn.Linear(2, 6), latent_dim=2, classes=3).build(X)


def test_shapes_and_agreement_of_the_parts() -> None:
    supervised = model()
    output, encoded = supervised(X), supervised.encode(X)
    assert output.z.shape == (4, 2)
    assert output.logits.shape == (4, 3)
    assert torch.equal(output.z, encoded.z)
    assert torch.equal(output.logits, encoded.logits)
    assert torch.equal(output.x_hat, supervised.decode(output.z).x_hat)


@pytest.mark.parametrize(("reduction", "factor"), [("mean", 1), ("sum", 6)])
def test_the_objective_is_mse_plus_weighted_cross_entropy(reduction: str, factor: int) -> None:
    output = model()(X)
    result = model().compute_loss(
        X, output, labels=LABELS, class_weight=0.7, recon_reduction=reduction,  # type: ignore[arg-type]
    )  # fmt: skip
    mse = F.mse_loss(output.x_hat, X) * factor
    log_probs = output.logits.softmax(-1).log()
    cross_entropy = -sum(log_probs[i, label] for i, label in enumerate(LABELS)) / 4
    torch.testing.assert_close(result.objective, mse + 0.7 * cross_entropy)
    assert result.diagnostics["recon"] == pytest.approx(mse.item())
    assert result.diagnostics["class"] == pytest.approx(cross_entropy.item())


def test_accuracy_counts_hits() -> None:
    logits = F.one_hot(torch.tensor([2, 0, 0, 1]), 3).float()
    output = SupervisedAEOutput(X, torch.zeros(4, 2), logits)
    assert model().compute_loss(X, output, labels=LABELS).diagnostics["accuracy"] == 0.5


def test_a_zero_class_weight_gives_the_classifier_no_gradient() -> None:
    supervised = model()
    supervised.compute_loss(X, supervised(X), labels=LABELS, class_weight=0.0).objective.backward()
    gradient = supervised.classifier.weight.grad
    assert gradient is not None
    assert not gradient.any()


@pytest.mark.parametrize("labels", [LABELS[:3], LABELS[:, None], LABELS[0]])
def test_labels_must_be_one_per_example(labels: Tensor) -> None:
    with pytest.raises(ShapeError, match="labels has the wrong shape"):
        model().compute_loss(X, model()(X), labels=labels)


def test_one_class_is_too_few() -> None:
    with pytest.raises(ConfigError, match="too few classes; got 1; expected 2 or more"):
        SupervisedAE(nn.Linear(6, 2), nn.Linear(2, 6), latent_dim=2, classes=1)
