"""Configuration of the autoencoder with a codebook."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from latelier.config.base import setting
from latelier.config.errors import ConfigError
from latelier.config.models.sections import LikelihoodSection, ModelSection


class VQVAEModel(ModelSection):
    """VQ-VAE: each piece of the latent vector is replaced by the nearest code of a codebook."""

    kind: Literal["vq-vae"] = "vq-vae"
    latent_dim: int = setting(
        32, "Size D of the latent vector: all pieces together.", unit="dimensions", ge=1, le=4096
    )
    codes: int = setting(64, "Codes in the codebook.", unit="codes", ge=2, le=65536)
    code_dim: int = setting(
        4, "Size of a code; D / code_dim pieces are quantized.", unit="dimensions", ge=1, le=4096
    )
    ema_decay: float = setting(0.99, "Decay of the moving averages that the codes are.", ge=0, lt=1)
    revive_below: float = setting(
        0.5,
        "A code whose average count of uses per batch falls below this restarts from a random "
        "piece of the batch; 0 for never.",
        ge=0,
    )

    @model_validator(mode="after")
    def _pieces_fit(self) -> VQVAEModel:
        if self.latent_dim % self.code_dim:
            raise ConfigError(
                "model.latent_dim cannot be cut into codes",
                got=f"{self.latent_dim} dimensions and a code_dim of {self.code_dim}",
                expected="a multiple of code_dim",
            )
        return self


class VQVAEObjective(LikelihoodSection):
    """−log p(x|z) + commitment · ‖z_e − sg(code)‖²."""

    kind: Literal["vq-vae"] = "vq-vae"
    commitment: float = setting(0.25, "Weight of the commitment term, a timeline column.", ge=0)
