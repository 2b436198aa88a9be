"""What every row of the MODELS table must do; a new model is tested by being in the table."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, get_args

import pytest
import torch
from torch import Tensor, nn

from latelier.config.models import ConvNet, MLPNet, ModelConfig
from latelier.models import (
    MODELS,
    VAE,
    Autoencoder,
    LossResult,
    NotBuiltError,
    build_model,
    build_nets,
)

X = torch.rand(8, 1, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(8) % 4
CONFIGS = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(ModelConfig)[0])}
KINDS = sorted(MODELS)
WITH_SAMPLES = {kind for kind, row in MODELS.items() if "decoder_noise" in row.sizes}
"""Kinds whose z has an axis for samples."""
COUPLED = {"beta-tcvae", "factor-vae", "dip-vae", "info-vae", "wae-mmd"}
"""Kinds whose objective looks at a batch as a whole."""
NOISY_LOSS = {"info-vae", "wae-mmd", "factor-vae"}
"""Kinds whose objective draws random numbers in eval mode too."""
KL_WEIGHTS = {
    "vae": {"beta": 1e-3}, "gmvae": {"kld_weight": 1e-5}, "beta-vae": {"beta": 1e-3},
    "beta-tcvae": {"alpha": 1e-3, "beta": 1e-3, "gamma": 1e-3}, "vamp-vae": {"beta": 1e-3},
    "adagvae": {"beta": 1e-3}, "sparse-ae": {"sparsity_weight": 1e-4},
    "wae-mmd": {"mmd_weight": 1e-4}, "info-vae": {"alpha": 1.0, "mmd_weight": 1e-4},
    "dip-vae": {"off_diagonal": 1e-4, "diagonal": 1e-4}, "factor-vae": {"gamma": 1e-4},
}  # fmt: skip
LOUD_DATA: dict[str, dict[str, Any]] = {
    **{k: {"decoder_noise": "fixed", "decoder_scale": 0.03} for k in ("dip-vae", "factor-vae")},
    "iwae": {"decoder_noise": "fixed", "decoder_scale": 0.03},
    "vq-vae": {"ema_decay": 0.9},
}
"""Settings under which kinds whose KL has a fixed weight hear the data loudly enough to fit it."""


def config(kind: str, net: ConvNet | MLPNet | None = None, **others: Any) -> Any:
    sizes: dict[str, Any] = {"latent_dim": 3, "net": net or ConvNet(channels=(8, 16), hidden=64)}
    if kind == "vq-vae":
        sizes |= {"latent_dim": 12, "code_dim": 4, "codes": 16}
    return CONFIGS[kind](**sizes, **others)


def make(kind: str, x: Tensor = X, seed: int = 0) -> Autoencoder:
    torch.manual_seed(seed)
    return build_model(config(kind), x, classes=4)


def fed(kind: str, x: Tensor) -> Any:
    """What a model of this kind is called with: x, or a pair whose second half differs a little."""
    return (x, x.flip(-1)) if kind == "adagvae" else x


def run(kind: str, model: Autoencoder, x: Tensor = X) -> Any:
    """The output for x; of a pair that of its first half."""
    output = model(fed(kind, x))
    return output.output1 if kind == "adagvae" else output


def encoder_of(model: Autoencoder) -> Any:
    return getattr(model, "vae", model).encoder


def decoder_of(model: Autoencoder) -> Any:
    return getattr(model, "vae", model).decoder


def loss(kind: str, model: Autoencoder, x: Tensor = X, **options: Any) -> LossResult:
    if MODELS[kind].needs_labels:
        options["labels"] = LABELS[: len(x)]
    if kind == "beta-tcvae":
        options["examples"] = 100
    return model.compute_loss(fed(kind, x), model(fed(kind, x)), **options)


def unbuilt(kind: str) -> Autoencoder:
    """A model whose every layer is lazy where it can be, with BatchNorm inside."""
    row, known = MODELS[kind], {**dict(config(kind)), "classes": 4}
    last = known["latent_dim"] if row.to_latent else 6
    encoder = nn.Sequential(nn.Flatten(), nn.LazyLinear(9), nn.BatchNorm1d(9), nn.Linear(9, last))
    decoder = nn.Sequential(nn.LazyLinear(64), nn.LazyBatchNorm1d(), nn.Unflatten(1, (1, 8, 8)))
    return row.make(encoder, decoder, **{name: known[name] for name in row.sizes})


@pytest.mark.parametrize("kind", KINDS)
def test_build_leaves_random_state_buffers_and_mode_alone(kind: str) -> None:
    torch.manual_seed(3)
    model = unbuilt(kind)
    before, state = copy.deepcopy(encoder_of(model)[2].state_dict()), torch.get_rng_state()  # type: ignore[index]
    assert model.build(X) is model
    assert model.built
    assert torch.equal(torch.get_rng_state(), state)
    assert all(part.training for part in model.modules())
    after = encoder_of(model)[2].state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert (decoder_of(model)[1].running_mean == 0).all()
    assert decoder_of(model)[1].num_batches_tracked == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_use_before_build_is_an_error_that_says_so(kind: str) -> None:
    model = unbuilt(kind)
    z = torch.zeros(8, 1, 3) if kind in WITH_SAMPLES else torch.zeros(8, 3)
    for use in (lambda: model(fed(kind, X)), lambda: model.encode(X), lambda: model.decode(z)):
        with pytest.raises(NotBuiltError, match=r"is not built.*model\.build\(x\)"):
            use()


@pytest.mark.parametrize("kind", KINDS)
def test_build_is_idempotent(kind: str) -> None:
    model = make(kind)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    model.build(X[:2])
    assert torch.equal(torch.get_rng_state(), state)
    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)


@pytest.mark.parametrize("kind", KINDS)
def test_eval_is_deterministic(kind: str) -> None:
    model = make(kind).eval()
    state = torch.get_rng_state()
    first, second = run(kind, model), run(kind, model)
    assert torch.equal(torch.get_rng_state(), state)
    for field in dataclasses.fields(first):
        assert torch.equal(getattr(first, field.name), getattr(second, field.name))


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_have_names_and_copies(kind: str) -> None:
    output = run(kind, make(kind))
    assert "x_hat=[8, 1" in repr(output)
    for other in (copy.deepcopy(output), pickle.loads(pickle.dumps(output))):
        assert torch.equal(other.x_hat, output.x_hat)


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_is_a_finite_scalar_and_every_parameter_gets_a_gradient(kind: str) -> None:
    model = make(kind)
    result = loss(kind, model)
    assert result.objective.shape == ()
    assert result.objective.isfinite()
    result.objective.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("kind", KINDS)
def test_measurements_are_detached_and_diagnostics_are_floats(kind: str) -> None:
    result = loss(kind, make(kind))
    assert result.measured
    assert all(value.grad_fn is None for value in result.measured.values())
    assert not any(value.requires_grad for value in result.measured.values())
    assert result.diagnostics
    assert all(type(value) is float for value in result.diagnostics.values())


@pytest.mark.parametrize("kind", KINDS)
def test_sum_and_mean_differ_by_the_number_of_features(kind: str) -> None:
    model = make(kind).eval()
    measured = loss(kind, model).diagnostics
    name = next(n for n in ("log_likelihood", "recon", "log_likelihood_x1") if n in measured)
    summed = loss(kind, model, recon_reduction="sum").diagnostics[name]
    mean = loss(kind, model, recon_reduction="mean").diagnostics[name]
    assert summed == pytest.approx(64 * mean, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_state_round_trips(kind: str) -> None:
    model, other = make(kind, seed=0).eval(), make(kind, seed=1).eval()
    assert not torch.equal(run(kind, model).x_hat, run(kind, other).x_hat)
    other.load_state_dict(model.state_dict())
    assert torch.equal(run(kind, model).x_hat, run(kind, other).x_hat)


@pytest.mark.parametrize("kind", KINDS)
def test_deep_copies_are_independent(kind: str) -> None:
    model = make(kind).eval()
    twin = copy.deepcopy(model)
    assert twin.built
    assert twin.shape == model.shape
    assert torch.equal(run(kind, twin).x_hat, run(kind, model).x_hat)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.add_(1.0)
    assert not torch.equal(run(kind, twin).x_hat, run(kind, model).x_hat)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_is_not_built_can_be_copied_and_then_built(kind: str) -> None:
    model = unbuilt(kind)
    del decoder_of(model)[1]  # torch copies no lazy buffers
    twin = copy.deepcopy(model)
    torch.manual_seed(0)
    x_hat = run(kind, model.build(X).eval()).x_hat
    torch.manual_seed(0)
    assert torch.equal(run(kind, twin.build(X).eval()).x_hat, x_hat)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions(kind: str, dtype: torch.dtype) -> None:
    model = make(kind).to(dtype)
    output = run(kind, model, X.to(dtype))
    assert output.x_hat.dtype == dtype
    result = loss(kind, model, X.to(dtype))
    assert result.objective.dtype == torch.promote_types(dtype, torch.float32)
    result.objective.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    if kind in NOISY_LOSS | {"vq-vae"}:  # their noise, and a codebook's start, differ by precision
        return
    reference = loss(kind, make(kind).eval()).objective.item()
    assert loss(kind, model.eval(), X.to(dtype)).objective.item() == pytest.approx(
        reference, rel=0.05 if dtype == torch.bfloat16 else 1e-5
    )


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"info-vae", "wae-mmd"}))
def test_a_batch_of_one(kind: str) -> None:
    model = make(kind, X[:1])
    result = loss(kind, model, X[:1])
    assert result.objective.isfinite()
    result.objective.backward()


def one_loss(kind: str, model: Autoencoder, x: Tensor, b: int) -> Tensor:
    options: dict[str, Any] = {"labels": LABELS[b : b + 1]} if MODELS[kind].needs_labels else {}
    one = fed(kind, x[b : b + 1])
    return model.compute_loss(one, model(one), **options).objective


@pytest.mark.parametrize("kind", sorted(set(KINDS) - COUPLED))
def test_the_objective_of_a_batch_is_the_mean_over_its_examples(kind: str) -> None:
    model = make(kind).double().eval()
    x = X.double()
    parts = [one_loss(kind, model, x, b) for b in range(8)]
    torch.testing.assert_close(loss(kind, model, x).objective, torch.stack(parts).mean())


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"adagvae"}))  # pairs share what they can
def test_it_overfits_eight_examples(kind: str) -> None:
    """A tenth of the error of the best constant image, within a few hundred updates."""
    torch.manual_seed(0)
    model = build_model(config(kind, **LOUD_DATA.get(kind, {})), X, classes=4)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    options = KL_WEIGHTS.get(kind, {})
    for _ in range(250):
        optimizer.zero_grad()
        loss(kind, model, **options).objective.backward()
        optimizer.step()
    x_hat = run(kind, model.eval()).x_hat.reshape(X.shape)
    assert (x_hat - X).square().mean() < 0.1 * X.var(0).mean()
    if MODELS[kind].needs_labels:
        assert loss(kind, model).diagnostics["accuracy"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_objective_maps_over_stacked_models(kind: str) -> None:
    """Runs that differ in numbers train as one stacked model; vmap refuses what reads values."""
    model = make(kind).eval()

    class Objective(nn.Module):
        def __init__(self, model: Autoencoder) -> None:
            super().__init__()
            self.model = model

        def forward(self, x: Tensor) -> Tensor:
            return loss(kind, self.model, x).objective

    twins = [Objective(model), Objective(make(kind, seed=1).eval())]
    parameters, buffers = torch.func.stack_module_state(twins)  # type: ignore[arg-type]

    def one(parameters: dict[str, Tensor], buffers: dict[str, Tensor]) -> Tensor:
        return torch.func.functional_call(twins[0], (parameters, buffers), (X,))

    stacked = torch.func.vmap(one, randomness="different")(parameters, buffers)
    if kind in NOISY_LOSS:
        assert stacked.isfinite().all()
        return
    torch.testing.assert_close(stacked, torch.stack([twin(X) for twin in twins]))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_training_step_is_one_graph(kind: str) -> None:
    torch._dynamo.reset()  # graphs of other kinds count against its limit
    model = make(kind)
    if kind == "vq-vae":
        model(X)  # the first batch starts the codebook; that is no part of the step
    compiled = torch.compile(
        lambda x: loss(kind, model, x).objective, backend="eager", fullgraph=True
    )
    torch.manual_seed(0)
    expected = loss(kind, model).objective
    torch.manual_seed(0)
    torch.testing.assert_close(compiled(X), expected)


def test_vae_gradients_equal_a_hand_written_reference() -> None:
    """The same networks and noise, and the β-ELBO written out with torch alone."""
    torch.manual_seed(0)
    x, beta, S = X.double(), 2.5, 3  # noqa: N806
    encoder, decoder = build_nets(ConvNet(channels=(4, 8), hidden=16), (1, 8, 8), 3)
    vae = VAE(encoder.double(), decoder.double(), latent_dim=3).double().build(x)

    torch.manual_seed(7)
    vae.compute_loss(x, vae(x, S=S), beta=beta, likelihood="bernoulli").objective.backward()
    actual = [parameter.grad for parameter in vae.parameters()]
    vae.zero_grad()

    torch.manual_seed(7)
    h = encoder(x)
    mu = nn.functional.linear(h, vae.posterior.mu.weight, vae.posterior.mu.bias)
    log_var = nn.functional.linear(h, vae.posterior.log_var.weight, vae.posterior.log_var.bias)
    epsilon = torch.randn(8, S, 3, dtype=torch.float64)
    negative_ll = torch.zeros(8, dtype=torch.float64)
    for s in range(S):
        logits = decoder(mu + log_var.exp().sqrt() * epsilon[:, s])
        terms = nn.functional.softplus(logits) - x * logits  # −log of a Bernoulli
        negative_ll = negative_ll + terms.flatten(1).sum(1) / S
    kl = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum(1)
    (negative_ll + beta * kl).mean().backward()
    for gradient, parameter in zip(actual, vae.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(5,), (3, 7, 9), (2, 5)])
def test_data_of_any_shape_with_an_mlp(kind: str, shape: tuple[int, ...]) -> None:
    x = torch.rand(4, *shape)
    model = build_model(config(kind, MLPNet(hidden=(8,))), x, classes=4)
    assert loss(kind, model, x).objective.isfinite()
