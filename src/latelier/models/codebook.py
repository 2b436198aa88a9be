"""A codebook that learns by moving averages, and revives codes that nobody uses."""

from __future__ import annotations

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latelier.config.errors import ConfigError
from latelier.models.precision import upcast

_SMOOTHING = 1e-5


@final
class Codebook(nn.Module):
    """K codes of E dimensions, kept as buffers: no gradient reaches them.

    Args:
        codes: K.
        code_dim: E.
        ema_decay: Decay of the moving averages of counts and sums, 0 to below 1.
        revive_below: A code whose average count per batch falls below this restarts from a random
            piece of the batch; 0 for never.

    Source:
        van den Oord et al., arXiv:1711.00937, app. A.1; revival: Dhariwal et al.,
        arXiv:2005.00341, section 3.1.
    """

    weight: Tensor
    counts: Tensor
    sums: Tensor
    started: Tensor

    def __init__(
        self, codes: int, code_dim: int, *, ema_decay: float = 0.99, revive_below: float = 0.5
    ) -> None:
        super().__init__()
        if codes < 2 or code_dim < 1:
            raise ConfigError(
                "the codebook is too small",
                got=f"{codes} codes of {code_dim} dimensions",
                expected="2 codes or more, of 1 dimension or more",
            )
        if not 0 <= ema_decay < 1:
            raise ConfigError("ema_decay is out of range", got=ema_decay, expected="0 to below 1")
        self.codes, self.code_dim = codes, code_dim
        self.ema_decay, self.revive_below = ema_decay, revive_below
        self._known_as_started = False
        self.register_buffer("weight", torch.randn(codes, code_dim))
        self.register_buffer("counts", torch.ones(codes))
        self.register_buffer("sums", self.weight.clone())
        self.register_buffer("started", torch.zeros((), dtype=torch.bool))

    def forward(self, z_e: Tensor) -> tuple[Tensor, Tensor]:
        """Quantize vectors [B, D]: nearest codes [B, D], and tokens [B, D / E] int64."""
        pieces = self._pieces(z_e)
        tokens = torch.cdist(upcast(pieces), upcast(self.weight)).argmin(1)
        tokens = tokens.reshape(z_e.shape[0], -1)
        return self.look_up(tokens).to(z_e.dtype), tokens

    def look_up(self, tokens: Tensor) -> Tensor:
        """Return the codes of tokens [B, M], joined: [B, M · E]."""
        return self.weight[tokens].flatten(1)

    @torch.no_grad()
    def start(self, z_e: Tensor) -> None:
        """Put the codes on random pieces of a first batch; does nothing afterwards."""
        if self._known_as_started or bool(self.started):
            self._known_as_started = True  # the buffer is asked once: reading it waits for a GPU
            return
        pieces = self._pieces(z_e).to(self.weight.dtype)
        spread = pieces.std(0, correction=0) if len(pieces) > 1 else torch.ones_like(pieces[0])
        chosen = torch.randint(len(pieces), (self.codes,), device=pieces.device)
        noise = torch.randn_like(self.weight) * spread * 0.01
        self.weight.copy_(pieces[chosen] + noise)
        self.sums.copy_(self.weight)
        self.counts.fill_(1.0)
        self.started.fill_(True)

    @torch.no_grad()
    def follow(self, z_e: Tensor, tokens: Tensor) -> None:
        """Move the codes towards the pieces of z_e [B, D] that chose them (tokens [B, D / E])."""
        pieces = self._pieces(z_e).to(self.weight.dtype)
        chosen = F.one_hot(tokens.flatten(), self.codes).to(pieces.dtype)  # [B · M, K]
        step = 1 - self.ema_decay
        self.counts.lerp_(chosen.sum(0), step)
        self.sums.lerp_(chosen.T @ pieces, step)
        smoothed = self.counts + _SMOOTHING
        self.weight.copy_(self.sums / smoothed.unsqueeze(1))
        self._revive(pieces)

    def _revive(self, pieces: Tensor) -> None:
        """Restart codes that are hardly used from random pieces [N, E]."""
        dying = (self.counts < self.revive_below).unsqueeze(1)
        chosen = torch.randint(len(pieces), (self.codes,), device=pieces.device)
        fresh = pieces[chosen]
        self.weight.copy_(torch.where(dying, fresh, self.weight))
        self.sums.copy_(torch.where(dying, fresh, self.sums))
        self.counts.copy_(torch.where(dying.squeeze(1), torch.ones_like(self.counts), self.counts))

    def perplexity(self, tokens: Tensor) -> Tensor:
        """Return exp of the entropy of the tokens' frequencies, 1 … K: how many codes are used."""
        share = F.one_hot(tokens.flatten(), self.codes).to(self.weight.dtype).mean(0)
        return torch.exp(-(share * share.clamp_min(1e-12).log()).sum())

    def _pieces(self, z_e: Tensor) -> Tensor:
        """Cut vectors [B, D] into pieces [B · D / E, E]."""
        return z_e.reshape(-1, self.code_dim)
