"""Networks that a configuration names as code: imported and called, where that was allowed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Any

from torch import nn

from latelier.config.errors import ConfigError
from latelier.config.models import CustomNet


def named_nets(
    config: CustomNet, shape: tuple[int, ...], latent_dim: int
) -> tuple[nn.Module, nn.Module]:
    """Make encoder and decoder by the callables that a configuration names. This runs their code.

    Args:
        config: Names, as ``package.module:callable``.
        shape: Shape of one example; the first argument of both callables.
        latent_dim: Size D of the latent vector; their second argument.

    Returns:
        Encoder and decoder.

    Raises:
        ConfigError: If a name cannot be imported or called, or makes no module.
    """
    made = (
        _made(f"model.net.{part}", getattr(config, part), shape, latent_dim)
        for part in ("encoder", "decoder")
    )
    encoder, decoder = made
    return encoder, decoder


def _made(setting: str, name: str, shape: tuple[int, ...], latent_dim: int) -> nn.Module:
    make = _imported(setting, name)
    try:
        net = make(shape, latent_dim)
    except Exception as error:
        raise ConfigError(
            f"{setting} could not make a network",
            got=f"{name}({shape}, {latent_dim}) raised {type(error).__name__}: {error}",
            expected="a callable of (shape, latent_dim) that returns a torch.nn.Module",
            remedy="Where the network needs other arguments, give the model from Python.",
        ) from error
    if not isinstance(net, nn.Module):
        raise ConfigError(
            f"{setting} made no network",
            got=f"{name} returned {type(net).__name__}",
            expected="a torch.nn.Module",
        )
    return net


def _imported(setting: str, name: str) -> Callable[..., Any]:
    module, _, path = name.partition(":")
    if not module or not path:
        raise ConfigError(
            f"{setting} names no code", got=repr(name), expected="package.module:callable"
        )
    try:
        found = attrgetter(path)(import_module(module))
    except Exception as error:  # whatever the module's own code does
        raise ConfigError(
            f"{setting} cannot be imported",
            got=f"{name}: {type(error).__name__}: {error}",
            expected="package.module:callable, where Python finds the package",
            remedy="Install it, or set PYTHONPATH to its folder.",
        ) from error
    if not callable(found):
        raise ConfigError(f"{setting} cannot be called", got=f"{name}: a {type(found).__name__}")
    function: Callable[..., Any] = found
    return function
