"""`OwnModule`: whose functions are found, checked and tried before anything trains."""

from __future__ import annotations

import copy
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from latelier.config import ConfigError, DataError, ShapeError
from latelier.data import Batch
from latelier.models import AE, OwnModule
from latelier.models.own_module import name_of

X = torch.rand(5, 1, 4, 4, generator=torch.Generator().manual_seed(0))
BATCH = Batch(X, torch.arange(5), torch.arange(5))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.LazyLinear(6), nn.BatchNorm1d(6))
        self.head = nn.Linear(6, 3)
        self.decoder = nn.Linear(3, 16)

    def latents(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(x))


class Encoding(Net):
    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        mu = self.latents(x)
        return mu, -mu


def squared(net: Net, inputs: Tensor) -> Tensor:
    return net.decoder(net.latents(inputs)).square().mean()


def probed(module: nn.Module, *args, **options) -> OwnModule:
    own = OwnModule(module, *args, **options)
    own.probe(BATCH)
    return own


def test_a_method_encode_comes_before_a_part_encoder() -> None:
    own = probed(Encoding(), squared)
    assert (own.encode.name, own.decode.name) == ("encode", "decoder")
    assert (own.latent_dim, own.has_posterior) == (3, True)
    assert own.name.endswith("test_own_module:Encoding")
    assert own.loss_name.endswith("test_own_module:squared")


def test_functions_are_named_in_every_way() -> None:
    net = Net()
    for given in ("latents", net.latents, lambda net, x: net.latents(x), partial(Net.latents)):
        own = probed(net, squared, encode=given)
        assert own.latent_dim == 3
        assert (":" in own.encode.name) == (given not in ("latents", net.latents))
    nested = nn.ModuleDict({"inner": net})
    assert OwnModule(nested, encode=net.latents).encode.name == "inner.latents"
    assert OwnModule(nested, encode=net.encoder).encode.name == "inner.encoder"
    assert OwnModule(nested, encode="inner.encoder").encode.name == "inner.encoder"


def test_a_copy_is_encoded_with_its_own_weights() -> None:
    net = Net()
    own = probed(net, squared, encode=net.latents)
    other = copy.deepcopy(own)
    with torch.no_grad():
        net.head.weight.zero_()
        net.head.bias.zero_()
    net.eval(), other.module.eval()
    assert own.codes(own.module, X).z.abs().sum() == 0
    assert other.codes(other.module, X).z.abs().sum() > 0


def test_a_loss_may_ask_for_the_whole_batch() -> None:
    seen = []

    def loss(net: Net, batch: Batch) -> Tensor:
        seen.append(batch)
        return squared(net, batch.inputs)

    own = probed(Net(), loss, encode="latents")
    assert seen == [BATCH]
    assert own.result(own.module, BATCH).objective.ndim == 0


def test_probing_leaves_no_trace() -> None:
    net = Encoding()
    net.encoder(X)  # gives the lazy layer its size
    net.head.eval()
    buffers = copy.deepcopy(dict(net.named_buffers()))
    state = torch.get_rng_state()
    probed(net, squared)
    assert torch.equal(torch.get_rng_state(), state)
    assert net.training
    assert not net.head.training
    assert all(torch.equal(b, buffers[name]) for name, b in net.named_buffers())
    assert all(p.grad is None for p in net.parameters())


def test_one_of_our_models_is_built() -> None:
    model = AE(nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), nn.Linear(2, 16))
    with pytest.raises(ShapeError, match="x_hat"):
        probed(model, lambda net, x: net(x).x_hat.mean())
    model = AE(
        nn.Sequential(nn.Flatten(), nn.LazyLinear(2)),
        nn.Sequential(nn.Linear(2, 16), nn.Unflatten(1, (1, 4, 4))),
    )
    own = probed(model, lambda net, x: net(x).x_hat.mean())
    assert (own.latent_dim, model.built) == (2, True)


class Bad(Net):
    def encode(self, x: Tensor) -> Tensor:
        return self.latents(x) * torch.nan


class Frozen(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(16, 2).requires_grad_(False)

    def encode(self, x: Tensor) -> Tensor:
        return self.head(x.flatten(1))


ELSEWHERE = nn.Parameter(torch.ones(()))


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: OwnModule(nn.Linear(2, 2), squared), ConfigError,
         "nothing says how Linear encodes.*Pass encode=lambda net, x"),
        (lambda: OwnModule(Net(), 3), ConfigError, "loss cannot be called; got int"),
        (lambda: OwnModule(Net(), lambda x: x), ConfigError,
         r"loss cannot be called with the module and inputs; got .*<lambda>\(x\)"),
        (lambda: OwnModule(Net(), encode=lambda x: x), ConfigError, "a copy of the module"),
        (lambda: OwnModule(Net(), encode="enc"), ConfigError,
         "encode names no function of Net; got 'enc'.*It has encoder, head, decoder"),
        (lambda: OwnModule(Net(), decode=nn.Linear(3, 16)), ConfigError,
         "decode is no part of the module that is trained; got Linear"),
        (lambda: probed(Net(), lambda net, x: net.head(x).mean(), encode="latents"), ShapeError,
         r"loss fails on the first examples; got RuntimeError.*\[5, 1, 4, 4\], torch.float32"),
        (lambda: probed(Net(), squared, encode="latents", decode="head"), ShapeError,
         r"decode fails on their latents.*\[5, 3\]"),
        (lambda: probed(Net(), lambda net, x: net.nothing, encode="latents"), ConfigError,
         "AttributeError"),
        (lambda: probed(Bad(), squared), DataError, "encode returns NaN.*got 15 of 15"),
        (lambda: probed(Net(), squared, encode=lambda net, x: x[:, 0]), ShapeError,
         r"z of the wrong shape; got \[5, 4, 4\]"),
        (lambda: probed(Net(), lambda net, x: x.sum(), encode="latents"),
         ConfigError, "the loss has no gradient"),
        (lambda: probed(Frozen(), lambda net, x: ELSEWHERE * 2), ConfigError,
         "no parameter to train; got 2 parameters, all frozen"),
        (lambda: probed(Net(), encode=lambda net, x: x.flatten(1), decode=lambda net, z: z),
         ConfigError, "no size yet; got encoder.1.weight"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_before_anything_trains(make, kind, words) -> None:
    with pytest.raises(kind, match=words):
        make()


def test_without_a_loss_there_is_something_to_look_at_but_not_to_train() -> None:
    own = probed(Encoding())
    assert (own.latent_dim, own.loss_name) == (3, "")
    with pytest.raises(ConfigError, match="no loss function to train Encoding"):
        own.result(own.module, BATCH)


def test_names_of_code() -> None:
    assert name_of(partial(partial(squared))) == f"{__name__}:squared"
    assert name_of(Net) == f"{__name__}:Net"
    assert name_of(nn.ReLU()) == "torch.nn.modules.activation:ReLU"
