"""The MODELS table: kind → how its model is made from networks. A new model is a file and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.config.models import CustomNet, ModelConfig, ModuleModel
from latelier.models.adagvae import AdaGVAE, Averaging, Divergence
from latelier.models.ae import AE
from latelier.models.base import Autoencoder
from latelier.models.beta_tcvae import BetaTCVAE
from latelier.models.beta_vae import BetaVAE
from latelier.models.denoising_ae import DenoisingAE
from latelier.models.dip_vae import DIPVAE
from latelier.models.factor_vae import FactorVAE
from latelier.models.gmvae import GMVAE
from latelier.models.info_vae import InfoVAE
from latelier.models.iwae import IWAE
from latelier.models.nets import build_nets, named_nets
from latelier.models.noise import NoiseKind, ObservationNoise
from latelier.models.sparse_ae import SparseAE
from latelier.models.supervised_ae import SupervisedAE
from latelier.models.vae import VAE
from latelier.models.vamp_vae import VampVAE
from latelier.models.variational import VariationalAutoencoder
from latelier.models.vq_vae import VQVAE
from latelier.models.wae_mmd import WAEMMD

Networks = tuple[nn.Module, nn.Module]


@dataclass(frozen=True)
class ModelKind:
    """A row of the table.

    Args:
        model: Its class.
        sizes: Names of what ``make`` is given: settings of the model's configuration, and
            ``classes``, which comes from the data.
        to_latent: Whether the encoder returns the code z itself, not features for heads.
        maker: Makes it, where that takes more than calling the class.
    """

    model: type[Autoencoder]
    sizes: tuple[str, ...] = ()
    to_latent: bool = False
    maker: Callable[..., Autoencoder] | None = None

    @property
    def make(self) -> Callable[..., Autoencoder]:
        """(encoder, decoder, **sizes) → the model, not built yet."""
        return self.maker or self.model

    @property
    def needs_labels(self) -> bool:
        """Whether the model cannot be made without knowing the classes."""
        return "classes" in self.sizes


_NOISE = ("decoder_noise", "decoder_scale")


def _variational(model: type[VariationalAutoencoder], *sizes: str) -> ModelKind:
    """Return the row of a member of the VAE family: it gets a latent size and a noise of p(x|z)."""

    def make(
        encoder: nn.Module,
        decoder: nn.Module,
        *,
        decoder_noise: NoiseKind = "unit",
        decoder_scale: float = 1.0,
        **others: Any,
    ) -> Autoencoder:
        """Build a model out of its networks and settings."""
        noise = ObservationNoise(decoder_noise, decoder_scale)
        return model(encoder, decoder, noise=noise, **others)

    return ModelKind(model, ("latent_dim", *_NOISE, *sizes), maker=make)


def _paired(
    encoder: nn.Module,
    decoder: nn.Module,
    *,
    averaging: Averaging = "gvae",
    divergence: Divergence = "forward",
    **others: Any,
) -> Autoencoder:
    vae = MODELS["vae"].make(encoder, decoder, **others)
    assert isinstance(vae, VAE)
    return AdaGVAE(vae, averaging=averaging, divergence=divergence)


MODELS: dict[str, ModelKind] = {
    "ae": ModelKind(AE, to_latent=True),
    "vae": _variational(VAE),
    "supervised-ae": ModelKind(SupervisedAE, ("latent_dim", "classes"), to_latent=True),
    "gmvae": ModelKind(GMVAE, ("latent_dim", "components")),
    "sparse-ae": ModelKind(SparseAE, to_latent=True),
    "denoising-ae": ModelKind(DenoisingAE, ("corruption",), to_latent=True),
    "wae-mmd": ModelKind(WAEMMD, to_latent=True),
    "beta-vae": _variational(BetaVAE),
    "beta-tcvae": _variational(BetaTCVAE),
    "factor-vae": _variational(FactorVAE, "discriminator_width", "discriminator_depth"),
    "dip-vae": _variational(DIPVAE),
    "info-vae": _variational(InfoVAE),
    "iwae": _variational(IWAE),
    "vamp-vae": _variational(VampVAE, "pseudo_inputs"),
    "vq-vae": ModelKind(VQVAE, ("codes", "code_dim", "ema_decay", "revive_below"), to_latent=True),
    "adagvae": ModelKind(
        AdaGVAE, ("latent_dim", *_NOISE, "averaging", "divergence"), maker=_paired
    ),
}


def build_model(
    config: ModelConfig,
    sample: Tensor,
    *,
    classes: int | None = None,
    networks: Networks | None = None,
    allow_code: bool = False,
) -> Autoencoder:
    """Make and build the model of a configuration.

    Args:
        config: Kind and sizes.
        sample: Examples as they will be trained on, [B, *shape].
        classes: Number of classes of the data; None without labels.
        networks: Encoder and decoder of the user's own instead of those of ``config.net``. The
            encoder returns z itself for ``ae`` and ``supervised-ae``, features otherwise.
        allow_code: Import and call what a custom ``config.net`` names.

    Returns:
        The built model, in train mode, on the sample's device.

    Raises:
        ConfigError: If the model needs labels and there are none, or the networks cannot take the
            data's shape, or the configuration stands for code that was neither given nor allowed.
        ShapeError: If the user's networks do not fit the data or ``latent_dim``.
    """
    if isinstance(config, ModuleModel):
        raise ConfigError(
            "model.kind module stands for a module of your own, which is not in the file",
            got=f"{config.module or 'a module'} by name only",
            expected="the module itself, and its loss function",
            remedy="Give both from Python: latelier.fit(module, data, loss=…), or "
            "latelier.resume(run, model=…, loss=…).",
        )
    kind = MODELS[config.kind]
    if kind.needs_labels and classes is None:
        raise ConfigError(
            f"model.kind {config.kind} needs labels",
            got="data without labels",
            expected="a class for every example",
            remedy="Choose a labelled data set, or another model.kind.",
        )
    shape = tuple(sample.shape[1:])
    if networks is None:
        networks = _networks(config, shape, to_latent=kind.to_latent, allow_code=allow_code)
    encoder, decoder = networks
    known = {"classes": classes, **dict(config)}
    model = kind.make(encoder, decoder, **{name: known[name] for name in kind.sizes})
    model.to(sample.device).build(sample)
    if model.latent_dim != config.latent_dim:
        raise ShapeError(
            "the encoder's latents have another size than model.latent_dim",
            got=model.latent_dim,
            expected=str(config.latent_dim),
            remedy=f"Set model.latent_dim={model.latent_dim}, or change the encoder.",
        )
    return model


def _networks(
    config: ModelConfig, shape: tuple[int, ...], *, to_latent: bool, allow_code: bool
) -> Networks:
    if not isinstance(config.net, CustomNet):
        return build_nets(config.net, shape, config.latent_dim, to_latent=to_latent)
    if allow_code:
        return named_nets(config.net, shape, config.latent_dim)
    raise ConfigError(
        "model.net.kind custom stands for networks of your own, which are not in the file",
        got=f"encoder {config.net.encoder!r} and decoder {config.net.decoder!r} by name only",
        expected="the networks themselves, or leave to import what is named",
        remedy="Give the model from Python; or, if you trust that code, pass --allow-code "
        "(allow_code=True in Python).",
    )


def kind_of(model: nn.Module) -> str:
    """Return the `model.kind` of a model of ours.

    Raises:
        ConfigError: If it is none.
    """
    for kind, row in MODELS.items():
        if type(model) is row.model:
            return kind
    raise ConfigError(
        "the model is none of latelier.models",
        got=type(model).__name__,
        expected=", ".join(row.model.__name__ for row in MODELS.values()),
        remedy="Wrap your networks, latelier.models.AE(encoder, decoder); or pass your loss "
        "function: latelier.fit(module, data, loss=…).",
    )
