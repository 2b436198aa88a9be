"""Autoencoders with one interface: build, forward, encode, decode, compute_loss → LossResult."""

from __future__ import annotations

from latelier.losses import LikelihoodType
from latelier.models.ae import AE
from latelier.models.base import Autoencoder, NotBuiltError
from latelier.models.gmvae import GMVAE
from latelier.models.nets import build_nets
from latelier.models.outputs import (
    AEDecodeOutput,
    AEEncodeOutput,
    AEOutput,
    GMVAEDecodeOutput,
    GMVAEEncodeOutput,
    GMVAEOutput,
    SupervisedAEEncodeOutput,
    SupervisedAEOutput,
    VAEDecodeOutput,
    VAEEncodeOutput,
    VAEOutput,
)
from latelier.models.posterior import FullyFactorizedGaussian
from latelier.models.registry import MODELS, ModelKind, build_model, kind_of
from latelier.models.result import LossResult
from latelier.models.supervised_ae import SupervisedAE
from latelier.models.vae import VAE

__all__ = [
    "AE",
    "GMVAE",
    "MODELS",
    "VAE",
    "AEDecodeOutput",
    "AEEncodeOutput",
    "AEOutput",
    "Autoencoder",
    "FullyFactorizedGaussian",
    "GMVAEDecodeOutput",
    "GMVAEEncodeOutput",
    "GMVAEOutput",
    "LikelihoodType",
    "LossResult",
    "ModelKind",
    "NotBuiltError",
    "SupervisedAE",
    "SupervisedAEEncodeOutput",
    "SupervisedAEOutput",
    "VAEDecodeOutput",
    "VAEEncodeOutput",
    "VAEOutput",
    "build_model",
    "build_nets",
    "kind_of",
]
