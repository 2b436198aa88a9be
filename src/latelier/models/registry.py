"""The MODELS table: kind → how its model is made from networks. A new model is a file and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from latelier.config.errors import ConfigError, ShapeError
from latelier.config.models import CustomNet, ModelConfig
from latelier.models.ae import AE
from latelier.models.base import Autoencoder
from latelier.models.gmvae import GMVAE
from latelier.models.nets import build_nets
from latelier.models.supervised_ae import SupervisedAE
from latelier.models.vae import VAE

Networks = tuple[nn.Module, nn.Module]


@dataclass(frozen=True)
class ModelKind:
    """A row of the table.

    Args:
        make: (encoder, decoder, **sizes) → the model, not built yet.
        sizes: Names of its further arguments: settings of the model's configuration, and
            ``classes``, which comes from the data.
        to_latent: Whether the encoder returns the code z itself, not features for heads.
    """

    make: Callable[..., Autoencoder]
    sizes: tuple[str, ...] = ()
    to_latent: bool = False

    @property
    def needs_labels(self) -> bool:
        """Whether the model cannot be made without knowing the classes."""
        return "classes" in self.sizes


MODELS: dict[str, ModelKind] = {
    "ae": ModelKind(AE, to_latent=True),
    "vae": ModelKind(VAE, ("latent_dim",)),
    "supervised-ae": ModelKind(SupervisedAE, ("latent_dim", "classes"), to_latent=True),
    "gmvae": ModelKind(GMVAE, ("latent_dim", "components")),
}


def build_model(
    config: ModelConfig,
    sample: Tensor,
    *,
    classes: int | None = None,
    networks: Networks | None = None,
) -> Autoencoder:
    """Make and build the model of a configuration.

    Args:
        config: Kind and sizes.
        sample: Examples as they will be trained on, [B, *shape].
        classes: Number of classes of the data; None without labels.
        networks: Encoder and decoder of the user's own instead of those of ``config.net``. The
            encoder returns z itself for ``ae`` and ``supervised-ae``, features otherwise.

    Returns:
        The built model, in train mode, on the sample's device.

    Raises:
        ConfigError: If the model needs labels and there are none, or the networks cannot take the
            data's shape, or ``config.net`` stands for networks that were not given.
        ShapeError: If the user's networks do not fit the data or ``latent_dim``.
    """
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
        networks = _networks(config, shape, to_latent=kind.to_latent)
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


def _networks(config: ModelConfig, shape: tuple[int, ...], *, to_latent: bool) -> Networks:
    if isinstance(config.net, CustomNet):
        raise ConfigError(
            "model.net.kind custom stands for networks of your own, which are not in the file",
            got=f"encoder {config.net.encoder!r} and decoder {config.net.decoder!r} by name only",
            expected="the networks themselves",
            remedy="Give the model from Python, or set model.net.kind=conv or mlp.",
        )
    return build_nets(config.net, shape, config.latent_dim, to_latent=to_latent)


def kind_of(model: nn.Module) -> str:
    """Return the `model.kind` of a model of ours.

    Raises:
        ConfigError: If it is none.
    """
    for kind, row in MODELS.items():
        if type(model) is row.make:
            return kind
    raise ConfigError(
        "the model is none of latelier.models",
        got=type(model).__name__,
        expected=", ".join(row.make.__name__ for row in MODELS.values()),
        remedy="Wrap your networks: latelier.models.AE(encoder, decoder).",
    )
