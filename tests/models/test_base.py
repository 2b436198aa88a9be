from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from latelier.config.errors import DataError, ShapeError
from latelier.models import AE, GMVAE, MODELS, VAE, Autoencoder, NotBuiltError, SupervisedAE

X = torch.rand(4, 6, generator=torch.Generator().manual_seed(0))


def vae() -> VAE:
    encoder = nn.Sequential(nn.LazyLinear(5), nn.LazyBatchNorm1d(), nn.ReLU())
    return VAE(encoder, nn.LazyLinear(6), latent_dim=2)


@pytest.mark.parametrize(
    "use", [lambda m: m(X), lambda m: m.encode(X), lambda m: m.decode(torch.zeros(4, 1, 2)),
            lambda m: m.sample(3), lambda m: m.shape]
)  # fmt: skip
def test_use_before_build_says_so(use: Callable[[VAE], object]) -> None:
    with pytest.raises(NotBuiltError, match=r"this VAE is not built.*model\.build\(x\)"):
        use(vae())


def test_loading_before_build_lists_what_is_uninitialized() -> None:
    state = vae().build(X).state_dict()
    model = vae()
    with pytest.raises(NotBuiltError) as caught:
        model.load_state_dict(state)
    message = str(caught.value)
    for name in ("encoder.0.weight", "encoder.1.running_mean", "posterior.mu.bias", "decoder.bias"):
        assert name in message
    assert "component" not in message
    assert "Call build(sample) before load_state_dict." in message
    model.build(X).load_state_dict(state)


def test_loading_before_build_is_an_error_without_lazy_layers_too() -> None:
    model = AE(nn.Linear(6, 2), nn.Linear(2, 6))
    with pytest.raises(NotBuiltError, match="the data's shape is unknown"):
        model.load_state_dict(model.state_dict())


def test_build_restores_the_mode_of_every_module() -> None:
    model = vae()
    model.encoder[1].eval()  # type: ignore[index]
    before = [part.training for part in model.modules()]
    model.build(X)
    assert [part.training for part in model.modules()] == before
    assert before.count(False) == 1


class Counting(nn.Module):
    """Changes a buffer and draws random numbers even in eval mode."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x + torch.rand_like(x)


def test_build_restores_buffers_and_random_state_whatever_the_network_does() -> None:
    model = AE(nn.Sequential(Counting(), nn.Linear(6, 2)), nn.Linear(2, 6))
    state = torch.get_rng_state()
    model.build(X)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.encoder[0].calls == 0  # type: ignore[index]


def test_a_failed_build_restores_everything_and_can_be_repeated() -> None:
    model = VAE(nn.Sequential(nn.LazyLinear(5), Counting()), nn.Linear(2, 7), latent_dim=2)
    state = torch.get_rng_state()
    with pytest.raises(ShapeError):
        model.build(X)
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
    assert not model.built
    assert model.encoder[1].calls == 0  # type: ignore[index]
    model.decoder = nn.Linear(2, 6)
    assert model.build(X).built


def test_lazy_parameters_follow_the_seed_but_not_the_sample() -> None:
    def head(seed: int, sample: Tensor) -> Tensor:
        torch.manual_seed(seed)
        return vae().build(sample).posterior.mu.weight

    assert torch.equal(head(1, X), head(1, X[:1] * 3))
    assert not torch.equal(head(1, X), head(2, X))


def test_lazy_parameters_share_no_random_numbers_with_what_is_drawn_next() -> None:
    torch.manual_seed(5)
    model = VAE(nn.Identity(), nn.Linear(2, 6), latent_dim=2).build(X)
    drawn = torch.rand_like(model.posterior.mu.weight)
    bound = 6**-0.5  # nn.Linear draws uniformly in ±1/√H
    uniform = (model.posterior.mu.weight.detach() / bound + 1) / 2
    assert uniform.min() > 0
    assert uniform.max() < 1
    assert not torch.allclose(uniform, drawn, atol=0.01)


def test_a_second_build_does_nothing_and_another_shape_is_an_error() -> None:
    model = vae().build(X)
    weight = model.posterior.mu.weight
    assert model.build(X[:1]) is model
    assert model.posterior.mu.weight is weight
    assert model.shape == (6,)
    with pytest.raises(ShapeError, match=r"sample has the wrong shape; got \[4, 5\].*built for"):
        model.build(X[:, :5])


def test_samples_that_hold_no_examples_or_integers() -> None:
    with pytest.raises(DataError, match=r"torch\.uint8; expected floating point.*/ 255"):
        vae().build(torch.zeros(4, 6, dtype=torch.uint8))
    for shape in ((6,), (0, 6), ()):
        with pytest.raises(ShapeError, match="the sample holds no examples"):
            vae().build(torch.zeros(shape))


WIDTHS: list[tuple[Callable[[], Autoencoder], str]] = [
    (
        lambda: VAE(nn.Unflatten(1, (2, 3)), nn.Linear(2, 6), 2),
        r"the encoder returns the wrong shape; got \[4, 2, 3\]; expected \[4, H\].*Flatten",
    ),
    (
        lambda: AE(nn.Flatten(0), nn.Linear(2, 6)),
        r"the encoder returns the wrong shape; got \[24\]; expected \[4, H\].*batch axis",
    ),
    (
        lambda: SupervisedAE(nn.Linear(6, 3), nn.Linear(2, 6), latent_dim=2, classes=2),
        r"the encoder returns the wrong shape; got \[4, 3\]; expected \[4, 2\].*width 2",
    ),
    (
        lambda: GMVAE(nn.Linear(6, 3), nn.Linear(2, 5), latent_dim=2, components=2),
        r"the decoder's output x_hat has the wrong shape; got \[4, 5\]; expected \[4, 6\]",
    ),
    (
        lambda: VAE(nn.Linear(7, 3), nn.Linear(2, 6), latent_dim=2),
        r"the networks cannot take the examples; got RuntimeError: mat1.*an encoder of \[4, 6\]",
    ),
    (
        lambda: AE(nn.Linear(6, 2), nn.Linear(3, 6)),
        r"the networks cannot take the examples; got RuntimeError: mat1.*decoder\(z\)",
    ),
]


@pytest.mark.parametrize(("make", "message"), WIDTHS)
def test_networks_that_do_not_fit_are_named(make: Callable[[], Autoencoder], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        make().build(X)


def test_a_flat_decoder_of_images_is_told_to_unflatten() -> None:
    model = AE(nn.Sequential(nn.Flatten(), nn.Linear(6, 2)), nn.Linear(2, 6))
    with pytest.raises(ShapeError, match=r"Unflatten\(1, \(1, 2, 3\)\)"):
        model.build(X.reshape(4, 1, 2, 3))


def test_every_model_is_final_and_the_base_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Autoencoder(nn.Identity(), nn.Identity())  # type: ignore[abstract]
    for row in MODELS.values():
        assert row.model.__final__  # type: ignore[attr-defined]
        bases = row.model.__bases__  # type: ignore[attr-defined]
        assert all(inspect.isabstract(base) and issubclass(base, Autoencoder) for base in bases)
