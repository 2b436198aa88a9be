"""The interface of every autoencoder: build, forward, encode, decode, compute_loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from latelier.config.errors import ConfigError, DataError, LatelierError, ShapeError
from latelier.losses import expect_rank, expect_shape
from latelier.models.building import ShapedBySample, uninitialized, untouched
from latelier.models.result import LossResult


class NotBuiltError(LatelierError, RuntimeError):
    """A model was used before `Autoencoder.build`."""


class Autoencoder(nn.Module, ABC):
    """A model that encodes examples to latents and decodes latents to reconstructions.

    Subclasses are final: each implements every abstract method once and overrides nothing else.
    ``latent_dim`` is the size D of a latent. The usual course is ``model.build(sample)``,
    ``output = model(x)``, ``result = model.compute_loss(x, output)`` and
    ``result.objective.backward()``.
    """

    latent_dim: int

    def __init__(self) -> None:
        super().__init__()
        self._shape: tuple[int, ...] | None = None

    @property
    def built(self) -> bool:
        """Whether `build` has been called."""
        return self._shape is not None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example, as `build` saw it.

        Raises:
            NotBuiltError: Before `build`.
        """
        self._require_built()
        assert self._shape is not None
        return self._shape

    def build(self, sample: Tensor) -> Self:
        """Give lazy layers their sizes and check that encoder, decoder and data fit together.

        Runs the model once on the sample, in eval mode. Leaves the random state, the train/eval
        mode and all buffers exactly as they were. Parameters made here follow the global seed.
        A second call does nothing.

        Args:
            sample: Examples as they will be trained on, [B, *shape], B ≥ 1, on the model's device.

        Returns:
            The model itself.

        Raises:
            ConfigError: If encoder or decoder is no module.
            DataError: If the sample is not of floating point or not finite, or a network returns
                numbers that are not finite.
            ShapeError: If the networks' widths do not fit, or a built model gets another shape.
        """
        _check_sample(sample)
        for name in ("encoder", "decoder"):
            if hasattr(self, name):
                _require_module(name, getattr(self, name))
        shape = tuple(sample.shape[1:])
        if self._shape is not None:
            expect_shape(
                "sample",
                sample,
                (sample.shape[0], *self._shape),
                because="The model was built for that shape; make a new one for another.",
            )
            return self
        with untouched(self, sample.device):
            for part in self.modules():
                if isinstance(part, ShapedBySample):
                    part.take_shape(sample)
            try:
                x_hat = self._trace(sample)
            except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
                raise _misfit(sample, error) from error
        _check_reconstruction(x_hat, sample)
        self._shape = shape
        return self

    @abstractmethod
    def _trace(self, sample: Tensor) -> Tensor:
        """Run every layer once on [B, *shape]; check widths; return one x_hat per example."""

    # ``*args, **kwargs`` below stands for the options that each model documents.

    @abstractmethod
    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Encode x [B, *shape] and decode it again; returns the model's output record."""

    @abstractmethod
    def encode(self, *args: Any, **kwargs: Any) -> Any:
        """Encode x [B, *shape]; returns a record that has z."""

    @abstractmethod
    def decode(self, z: Tensor) -> Any:
        """Decode latents; returns a record that has x_hat, linear (logits under Bernoulli)."""

    @abstractmethod
    def compute_loss(self, *args: Any, **kwargs: Any) -> LossResult:
        """Return the objective of ``(x, output)`` and its measurements."""

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Load parameters and buffers as `torch.nn.Module.load_state_dict` does, once built.

        Raises:
            NotBuiltError: Before `build`; the message lists what has no size yet.
        """
        if not self.built:
            waiting = ", ".join(uninitialized(self)) or "nothing, but the data's shape is unknown"
            raise NotBuiltError(
                f"this {type(self).__name__} cannot load a state before it is built",
                got=f"uninitialized: {waiting}",
                expected="a built model",
                remedy="Call build(sample) before load_state_dict.",
            )
        return super().load_state_dict(state_dict, strict, assign)

    def _require_built(self) -> None:
        if self._shape is None:
            raise NotBuiltError(
                f"this {type(self).__name__} is not built",
                expected="build(sample) before the first use",
                remedy="Call model.build(x) with a batch [B, *shape] of the data.",
            )

    def _require_input(self, x: Tensor) -> None:
        """Raise unless x is a batch of what the model was built for."""
        self._require_built()
        assert self._shape is not None
        _require_floats("x", x)
        if x.ndim == 0 or x.shape[1:] != self._shape or x.shape[0] == 0:
            one = x.shape == self._shape
            raise ShapeError(
                "x has the wrong shape",
                got=list(x.shape),
                expected=f"[{', '.join(['B', *map(str, self._shape)])}] with B ≥ 1",
                remedy="Give a batch: x[None]."
                if one
                else "The model was built for that shape; make a new one for another.",
            )

    def _require_latents(self, z: Tensor, axes: str = "B D") -> None:
        """Raise unless z has these axes, the last as long as a latent."""
        self._require_built()
        _require_floats("z", z)
        expect_rank("z", z, axes)
        if z.shape[-1] != self.latent_dim:
            raise ShapeError(
                "z has the wrong width",
                got=list(z.shape),
                expected=f"[{axes.replace(' ', ', ')}] with D = {self.latent_dim}",
                remedy="Give latents of this model: those of encode, or as wide.",
            )


def check_features(name: str, features: Tensor, batch: int, width: int | None = None) -> None:
    """Raise unless a network returned one finite vector per example: [batch, width].

    Raises:
        ShapeError: The message names the network, what it returned and what was expected.
        DataError: If a value is NaN or infinite.
    """
    _require_tensor(name, features)
    if features.ndim == 2 and features.shape[0] == batch and width in (None, features.shape[1]):
        _require_finite(name, features)
        return
    raise ShapeError(
        f"{name} returns the wrong shape",
        got=list(features.shape),
        expected=f"[{batch}, {'H' if width is None else width}]",
        remedy="End it with torch.nn.Flatten()."
        if features.ndim > 2
        else f"Let it end in a layer of width {width}."
        if width is not None
        else "It must keep the batch axis and return a vector per example.",
    )


def _misfit(sample: Tensor, error: Exception) -> Exception:
    """Say that a network of the user's own could not compute; ours speak for themselves."""
    if isinstance(error, LatelierError):
        return error
    return ShapeError(
        "the networks cannot take the examples",
        got=f"{type(error).__name__}: {error}",
        expected=f"an encoder of {list(sample.shape)}, and a decoder of the latents",
        remedy="Try encoder(x) and decoder(z) by themselves.",
    )


def _require_module(name: str, part: object) -> None:
    if isinstance(part, nn.Module):
        return
    raise ConfigError(
        f"the {name} is no module",
        got=type(part).__name__,
        expected="a torch.nn.Module, whose parameters can be trained and stored",
        remedy="Wrap it in a class derived from torch.nn.Module.",
    )


def _require_tensor(name: str, value: object) -> None:
    if isinstance(value, Tensor):
        return
    raise ShapeError(
        f"{name} returns no tensor",
        got=type(value).__name__,
        expected="one tensor",
        remedy="Let its forward return that tensor alone.",
    )


def _require_finite(name: str, values: Tensor) -> None:
    if torch.isfinite(values).all():
        return
    raise DataError(
        f"{name} returns numbers that are not finite",
        got=f"NaN or infinity in {int((~torch.isfinite(values)).sum())} of {values.numel()} values",
        expected="finite numbers",
        remedy="Look at its weights, and at divisions, roots and logarithms in it.",
    )


def _require_floats(name: str, x: object) -> None:
    if isinstance(x, Tensor) and x.is_floating_point():
        return
    is_tensor = isinstance(x, Tensor)
    raise DataError(
        f"{name} holds no floating-point numbers",
        got=str(x.dtype) if isinstance(x, Tensor) else type(x).__name__,
        expected="floating point",
        remedy="Convert it first: images by x.float() / 255."
        if is_tensor
        else "Convert it first: torch.as_tensor(x, dtype=torch.float32).",
    )


def _check_sample(sample: Tensor) -> None:
    _require_floats("the sample", sample)
    if sample.ndim < 2 or sample.numel() == 0:
        raise ShapeError(
            "the sample holds no examples",
            got=list(sample.shape),
            expected="[B, *shape] with B ≥ 1",
        )
    if not torch.isfinite(sample).all():
        raise DataError(
            "the sample has values that are not finite",
            got=f"NaN or infinity among {list(sample.shape)}",
            expected="finite numbers",
            remedy="Remove or repair those examples.",
        )


def _check_reconstruction(x_hat: Tensor, sample: Tensor) -> None:
    _require_tensor("the decoder", x_hat)
    shape = tuple(sample.shape[1:])
    remedy = "Let the decoder end in the data's shape."
    if x_hat.shape[1:].numel() == sample.shape[1:].numel() and x_hat.ndim == 2:
        remedy = f"End the decoder with torch.nn.Unflatten(1, {shape})."
    expect_shape("the decoder's output x_hat", x_hat, sample.shape, because=remedy)
    _require_finite("the decoder", x_hat)
