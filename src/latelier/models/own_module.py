"""A module of the user's own: how its loss is computed, and how latents are had and decoded.

Shapes: B examples in a batch, each of shape ``*shape``; D the size of a latent. Nothing here is
guessed: what a function returns is read by one documented rule, or refused with the remedy.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError, DataError, LatelierError, ShapeError
from latelier.data import Batch
from latelier.models.base import Autoencoder
from latelier.models.building import uninitialized, untouched
from latelier.models.result import LossResult
from latelier.models.returned import Codes, read_codes, read_loss, read_reconstruction

Part = str | nn.Module | Callable[..., Any]
"""A function of (module, value), the name of an attribute of the module, or a part of it."""

_FOUND = {"encode": ("encode", "encoder"), "decode": ("decode", "decoder")}


class OwnModule:
    """A `torch.nn.Module` with what Latelier has to know to train and to look into it.

    Args:
        module: Any module. It needs no ``forward``.
        loss: ``loss(module, inputs)`` with inputs [B, *shape]; where the second parameter is called
            ``batch``, it is the `Batch` (``inputs``, ``labels``, ``indices``). Returns a scalar
            tensor, a pair of it and a mapping of names to measurements, or a `LossResult`. None
            where nothing is to be trained.
        encode: How latents are had: ``encode(module, inputs)``, the name of an attribute such as
            ``"encoder"`` or ``"vae.encode"``, or a part of the module; its attribute ``encode`` or
            ``encoder`` by default. It returns z [B, D], a pair (mu, log_var), or an object or
            mapping with ``z`` or ``mu``, and ``log_var``.
        decode: How latents [B, D] become examples again, in the data's range; as ``encode``. None
            if the module has no attribute ``decode`` or ``decoder``.

    Attributes:
        latent_dim: D, the size of a latent; 0 before `probe`.
        has_posterior: Whether ``encode`` returns log_var too; False before `probe`.

    Raises:
        ConfigError: If one of them cannot be used, or nothing encodes.

    Example:
        >>> import torch
        >>> net = torch.nn.ModuleDict({"encoder": torch.nn.Linear(4, 2)})
        >>> own = OwnModule(net, lambda net, x: net["encoder"](x).square().mean())
        >>> own.encode.name, own.decode
        ('encoder', None)
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Callable[..., Any] | None = None,
        *,
        encode: Part | None = None,
        decode: Part | None = None,
    ) -> None:
        self.module = module
        self.loss = None if loss is None else _checked("loss", loss)
        self._takes_batch = loss is not None and _wants_batch(loss)
        encoding = _function(module, "encode", encode)
        if encoding is None:
            raise ConfigError(
                f"nothing says how {type(module).__name__} encodes an example",
                got="no attribute encode or encoder",
                expected="encode=…: a function of (module, inputs), or the name of an attribute",
                remedy="Pass encode=lambda net, x: …, which returns latents of shape [B, D].",
            )
        self.encode = encoding
        self.decode = _function(module, "decode", decode)
        self.latent_dim = 0
        self.has_posterior = False

    @property
    def name(self) -> str:
        """Where the module's class is defined, as ``package.module:Class``."""
        return name_of(type(self.module))

    @property
    def loss_name(self) -> str:
        """Where the loss function is defined; empty without one."""
        return "" if self.loss is None else name_of(self.loss)

    def codes(self, module: nn.Module, inputs: Tensor) -> Codes:
        """Encode inputs [B, *shape] with ``module``, which may be a copy.

        Raises:
            ConfigError: If what ``encode`` returns holds no latents.
            ShapeError: If latents have another shape than [B, D].
        """
        return read_codes(self.encode(module, inputs), len(inputs))

    def reconstruction(self, module: nn.Module, z: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Decode latents [B, D] with ``module`` to [B, *shape]; a flat [B, F] gets the shape.

        Raises:
            ConfigError: If what ``decode`` returns is no reconstruction.
            ShapeError: If it has another shape.
        """
        assert self.decode is not None
        return read_reconstruction(self.decode(module, z), (len(z), *shape))

    def run_once(self, inputs: Tensor) -> None:
        """Encode inputs [B, *shape], and decode what comes of it."""
        codes = self.codes(self.module, inputs)
        if self.decode is not None:
            self.reconstruction(self.module, codes.z, tuple(inputs.shape[1:]))

    def result(self, module: nn.Module, batch: Batch) -> LossResult:
        """Return the loss of a batch in the module's current mode.

        Raises:
            ConfigError: If there is no loss function, or what it returns is no loss.
        """
        loss = self.require_loss()
        return read_loss(loss(module, batch if self._takes_batch else batch.inputs))

    def require_loss(self) -> Callable[..., Any]:
        """Return the loss function.

        Raises:
            ConfigError: If there is none.
        """
        if self.loss is None:
            raise ConfigError(
                f"there is no loss function to train {type(self.module).__name__} with",
                expected="loss=…: a function of (module, inputs)",
                remedy="Pass the one that the run was started with: "
                "latelier.resume(run, model=…, loss=…).",
            )
        return self.loss

    def probe(self, batch: Batch) -> None:
        """Run everything once, without a trace: lazy layers get their sizes, misfits are found.

        Args:
            batch: A few examples, on the module's device.

        Raises:
            ConfigError: If a function cannot be used, or nothing can be trained.
            DataError: If latents are not finite.
            ShapeError: If something has the wrong shape; the message names it.
        """
        if isinstance(self.module, Autoencoder):
            self.module.build(batch.inputs)
        with untouched(self.module, batch.inputs.device):
            codes = _tried("encode", lambda: self.codes(self.module, batch.inputs), batch)
            if not torch.isfinite(codes.z).all():
                raise DataError(
                    "encode returns NaN or infinity for the first examples",
                    got=f"{int((~torch.isfinite(codes.z)).sum())} of {codes.z.numel()} numbers",
                    expected="finite latents",
                    remedy="Look at the module's weights and at what it does to its input.",
                )
            shape = tuple(batch.inputs.shape[1:])
            if self.decode is not None:
                decoded = partial(self.reconstruction, self.module, codes.z, shape)
                _tried("decode", decoded, batch, of=codes.z)
            if self.loss is not None:
                with torch.enable_grad():
                    _tried("loss", lambda: self.result(self.module, batch), batch)
        self._refuse_untrainable()
        self.latent_dim, self.has_posterior = int(codes.z.shape[1]), codes.log_var is not None

    def _refuse_untrainable(self) -> None:
        if waiting := uninitialized(self.module):
            raise ConfigError(
                "parts of the module were not used and have no size yet",
                got=", ".join(waiting[:6]),
                expected="a module whose parts loss, encode or decode use",
                remedy="Give those layers their sizes, or remove them.",
            )
        if self.loss is not None and not any(p.requires_grad for p in self.module.parameters()):
            raise ConfigError(
                "the module has no parameter to train",
                got=f"{sum(1 for _ in self.module.parameters())} parameters, all frozen",
                expected="one that requires a gradient",
            )


@dataclass(frozen=True)
class Function:
    """A function of (module, value) that works with copies of the module too.

    Attributes:
        name: The attribute's path, or where the function is defined (that has a colon).
        given: The function; None where the attribute is called.
    """

    name: str
    given: Callable[..., Any] | None = None

    def __call__(self, module: nn.Module, value: Tensor) -> Any:
        """Apply it."""
        if self.given is not None:
            return self.given(module, value)
        return attrgetter(self.name)(module)(value)


def name_of(thing: Any) -> str:
    """Return where a class or function is defined, as ``package.module:name``.

    Example:
        >>> name_of(name_of)
        'latelier.models.own_module:name_of'
    """
    while isinstance(thing, partial):
        thing = thing.func
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    return f"{thing.__module__}:{thing.__qualname__}"


def _function(module: nn.Module, what: str, given: Part | None) -> Function | None:
    if given is None:
        names = (n for n in _FOUND[what] if callable(getattr(module, n, None)))
        found = next(names, None)
        return None if found is None else Function(found)
    if isinstance(given, str):
        return _attribute(module, what, given)
    path = _path_of(module, given)
    if path is not None:
        return Function(path)
    if isinstance(given, nn.Module):
        raise ConfigError(
            f"{what} is no part of the module that is trained",
            got=type(given).__name__,
            expected=f"a part of {type(module).__name__}, or a function of (module, value)",
            remedy="Make it an attribute of the module, so that it is trained and stored with it.",
        )
    return Function(name_of(given), _checked(what, given))


def _attribute(module: nn.Module, what: str, path: str) -> Function:
    try:
        usable = callable(attrgetter(path)(module))
    except AttributeError:
        usable = False
    if usable:
        return Function(path)
    raise ConfigError(
        f"{what} names no function of {type(module).__name__}",
        got=repr(path),
        expected="the path of an attribute that can be called, such as encoder or vae.encode",
        remedy=f"It has {', '.join(name for name, _ in module.named_children()) or 'no parts'}.",
    )


def _path_of(module: nn.Module, given: Any) -> str | None:
    """Return the path of a part of the module, or of a method of it or of a part."""
    owner = getattr(given, "__self__", given)
    method = "" if owner is given else str(given.__name__)
    for name, part in module.named_modules():
        if part is owner and (name or method) and hasattr(part, method or "forward"):
            return ".".join(word for word in (name, method) if word)
    return None


def _checked(what: str, given: Any) -> Callable[..., Any]:
    value = "inputs" if what != "decode" else "z"
    expected = f"a function of (module, {value})"
    if not callable(given):
        raise ConfigError(f"{what} cannot be called", got=type(given).__name__, expected=expected)
    try:
        inspect.signature(given).bind(None, None)
    except ValueError:  # written in C, without a signature
        pass
    except TypeError as error:
        raise ConfigError(
            f"{what} cannot be called with the module and {value}",
            got=f"{name_of(given)}{inspect.signature(given)}",
            expected=expected,
            remedy=f"Write {what}=lambda net, {value}: …; analysis calls it with a copy of the "
            "module.",
        ) from error
    function: Callable[..., Any] = given
    return function


def _wants_batch(loss: Callable[..., Any]) -> bool:
    try:
        names = [*inspect.signature(loss).parameters]
    except ValueError:
        return False
    return len(names) > 1 and names[1] == "batch"


def _tried(what: str, run: Callable[[], Any], batch: Batch, of: Tensor | None = None) -> Any:
    """Run a function of the user's; what goes wrong inside is said with the shape it was given."""
    try:
        return run()
    except LatelierError:
        raise
    except Exception as error:
        given = batch.inputs if of is None else of
        kind = ShapeError if isinstance(error, RuntimeError | ValueError) else ConfigError
        raise kind(
            f"{what} fails on {'the first examples' if of is None else 'their latents'}",
            got=f"{type(error).__name__}: {error}",
            expected=f"a function that takes a tensor {list(given.shape)}, {given.dtype}",
            remedy=f"Call {what} by itself with torch.zeros({', '.join(map(str, given.shape))}).",
        ) from error
