from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.models import VQVAE
from latelier.models.codebook import Codebook

X = torch.rand(8, 6, generator=torch.Generator().manual_seed(0))


def vqvae(**options: float) -> VQVAE:
    torch.manual_seed(0)
    model = VQVAE(nn.Linear(6, 4), nn.Linear(4, 6), codes=5, code_dim=2, **options)  # type: ignore[arg-type]
    return model.build(X)


def test_every_piece_becomes_its_nearest_code() -> None:
    model = vqvae().eval()
    encoded = model.encode(X)
    for b in range(8):
        for piece in range(2):
            part = encoded.z_e[b, 2 * piece : 2 * piece + 2]
            distances = (model.codebook.weight - part).square().sum(1)
            assert int(encoded.tokens[b, piece]) == int(distances.argmin())
            torch.testing.assert_close(
                encoded.z[b, 2 * piece : 2 * piece + 2], model.codebook.weight[distances.argmin()]
            )
    torch.testing.assert_close(model.decode_tokens(encoded.tokens).x_hat, model(X).x_hat)


def test_gradients_pass_straight_through_and_commitment_pulls_the_encoder() -> None:
    model = vqvae().eval()
    output = model(X)
    output.x_hat.sum().backward()
    assert model.encoder.weight.grad is not None
    z = model.encode(X).z.detach().requires_grad_()
    (through,) = torch.autograd.grad(model.decoder(z).sum(), z)
    torch.testing.assert_close(model.encoder.weight.grad, through.T @ X)  # as if z_e were z

    model.zero_grad()
    output = model(X)
    result = model.compute_loss(X, output, commitment=3.0)
    distance = (output.z_e - output.z).square().sum(1).mean()
    recon = 0.5 * (output.x_hat - X).square().sum(1).mean()
    torch.testing.assert_close(result.objective, recon + 3 * distance)
    assert not any("codebook" in name for name, _ in model.named_parameters())


def test_the_codebook_is_the_moving_average_of_its_pieces() -> None:
    book = Codebook(3, 2, ema_decay=0.75, revive_below=0)
    z_e = torch.tensor([[0.0, 0.0], [0.2, 0.0], [5.0, 5.0]])
    book.weight.copy_(torch.tensor([[0.0, 0.0], [5.0, 5.0], [-9.0, -9.0]]))
    book.sums.copy_(book.weight)
    _, tokens = book(z_e)
    assert tokens.flatten().tolist() == [0, 0, 1]
    book.follow(z_e, tokens)
    # counts: 0.75·1 + 0.25·(2, 1, 0); sums: 0.75·code + 0.25·(its pieces)
    torch.testing.assert_close(book.counts, torch.tensor([1.25, 1.0, 0.75]))
    torch.testing.assert_close(book.weight[0], torch.tensor([0.05 / 1.25, 0.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(book.weight[1], torch.tensor([5.0, 5.0]), atol=1e-3, rtol=0)


def test_codes_that_nobody_uses_start_anew() -> None:
    torch.manual_seed(0)
    z_e = torch.randn(64, 2)
    dead = Codebook(4, 2, ema_decay=0.5, revive_below=0)
    dead.weight[3] = 100.0
    dead.sums.copy_(dead.weight)
    alive = copy.deepcopy(dead)
    alive.revive_below = 0.5
    for _ in range(6):
        for book in (dead, alive):
            book.follow(z_e, book(z_e)[1])
    assert 3 not in dead(z_e)[1]
    assert set(alive(z_e)[1].flatten().tolist()) == {0, 1, 2, 3}


def test_a_code_is_where_it_starts_anew_at_once() -> None:
    book = Codebook(2, 2, ema_decay=0.5, revive_below=0.6)
    book.weight.copy_(torch.tensor([[0.0, 0.0], [100.0, 100.0]]))
    book.sums.copy_(book.weight)
    z_e = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    book.follow(z_e, book(z_e)[1])
    fresh = book.weight[1]
    assert any(torch.equal(fresh, piece) for piece in z_e)
    torch.testing.assert_close(book.sums[1], fresh)
    assert float(book.counts[1]) == 1


def test_the_first_batch_places_the_codes_and_only_that() -> None:
    model = vqvae()
    before = model.codebook.weight.clone()
    model.eval()(X)
    assert torch.equal(model.codebook.weight, before)
    model.train()
    model.encode(X)
    started = model.codebook.weight.clone()
    assert not torch.equal(started, before)
    model.encode(X + 100)
    assert torch.equal(model.codebook.weight, started)
    twin = vqvae()
    twin.load_state_dict(model.state_dict())
    twin.train().encode(X + 100)
    assert torch.equal(twin.codebook.weight, started)


def test_perplexity_counts_codes_in_use() -> None:
    book = Codebook(4, 1)
    assert float(book.perplexity(torch.tensor([[0, 1], [2, 3]]))) == pytest.approx(4)
    assert float(book.perplexity(torch.zeros(5, 2, dtype=torch.int64))) == pytest.approx(1)


def test_bad_sizes_are_named() -> None:
    with pytest.raises(ShapeError, match=r"cannot be cut into codes; got 5 dimensions"):
        VQVAE(nn.Linear(6, 5), nn.Linear(5, 6), codes=4, code_dim=2).build(X)
    with pytest.raises(ConfigError, match="codebook is too small"):
        Codebook(1, 2)
    with pytest.raises(ConfigError, match="ema_decay is out of range"):
        Codebook(4, 2, ema_decay=1.0)
    with pytest.raises(ConfigError, match="outside the codebook; got 0 to 9"):
        vqvae().decode_tokens(torch.tensor([[0, 9]]))
