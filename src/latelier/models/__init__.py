"""Autoencoders with one interface: build, forward, encode, decode, compute_loss → LossResult."""

from __future__ import annotations

from latelier.losses import LikelihoodType
from latelier.models.adagvae import AdaGVAE
from latelier.models.ae import AE
from latelier.models.base import Autoencoder, NotBuiltError
from latelier.models.beta_tcvae import BetaTCVAE
from latelier.models.beta_vae import BetaVAE
from latelier.models.denoising_ae import DenoisingAE
from latelier.models.dip_vae import DIPVAE
from latelier.models.factor_vae import FactorVAE
from latelier.models.gmvae import GMVAE
from latelier.models.info_vae import InfoVAE
from latelier.models.iwae import IWAE
from latelier.models.nets import build_nets
from latelier.models.noise import ObservationNoise
from latelier.models.outputs import (
    AdaGVAEOutput,
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
    VQVAEEncodeOutput,
    VQVAEOutput,
)
from latelier.models.own_module import OwnModule, Part
from latelier.models.posterior import FullyFactorizedGaussian
from latelier.models.registry import MODELS, ModelKind, build_model, kind_of
from latelier.models.result import LossResult
from latelier.models.sparse_ae import SparseAE
from latelier.models.supervised_ae import SupervisedAE
from latelier.models.vae import VAE
from latelier.models.vamp_vae import VampVAE
from latelier.models.variational import VariationalAutoencoder
from latelier.models.vq_vae import VQVAE
from latelier.models.wae_mmd import WAEMMD

__all__ = [
    "AE",
    "DIPVAE",
    "GMVAE",
    "IWAE",
    "MODELS",
    "VAE",
    "VQVAE",
    "WAEMMD",
    "AEDecodeOutput",
    "AEEncodeOutput",
    "AEOutput",
    "AdaGVAE",
    "AdaGVAEOutput",
    "Autoencoder",
    "BetaTCVAE",
    "BetaVAE",
    "DenoisingAE",
    "FactorVAE",
    "FullyFactorizedGaussian",
    "GMVAEDecodeOutput",
    "GMVAEEncodeOutput",
    "GMVAEOutput",
    "InfoVAE",
    "LikelihoodType",
    "LossResult",
    "ModelKind",
    "NotBuiltError",
    "ObservationNoise",
    "OwnModule",
    "Part",
    "SparseAE",
    "SupervisedAE",
    "SupervisedAEEncodeOutput",
    "SupervisedAEOutput",
    "VAEDecodeOutput",
    "VAEEncodeOutput",
    "VAEOutput",
    "VQVAEEncodeOutput",
    "VQVAEOutput",
    "VampVAE",
    "VariationalAutoencoder",
    "build_model",
    "build_nets",
    "kind_of",
]
