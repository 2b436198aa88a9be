"""What makers of on-demand artifacts share: the form of a row, keys, draws, and the way out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latelier.analysis.samples import Sheet, image_sheet, to_unit
from latelier.config import ConfigError
from latelier.lab.kinds import NEEDS
from latelier.lab.moment import Keys, Maker, Moment, Product
from latelier.lab.pictures import png_bytes
from latelier.runs.naming import Key
from latelier.training import Encoded, Prior
from latelier.training.tasks import in_batches

Array: TypeAlias = npt.NDArray[Any]
MAX_SAMPLES = 256
"""Images on one sheet."""


@dataclass(frozen=True)
class MakerRow:
    """How one kind is made; the row serves the kind and its `_image`.

    Attributes:
        kind: The kind of the JSON artifact.
        make: Yields the JSON artifact, and its picture where the data are images.
        keys: Keys of the name beside the epoch.
        options: Keys that may be missing.
        image: Whether there is a companion `<kind>_image`.
    """

    kind: str
    make: Maker
    keys: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    image: bool = True

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities of the task without which the kind does not exist."""
        return NEEDS[self.kind]


def whole(keys: Keys, name: str, low: int, high: int, what: str) -> int:
    """Read a whole number out of the keys.

    Raises:
        ConfigError: If it is missing or out of bounds; the message says the bounds.
    """
    value = keys.get(name)
    fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if not fits:
        raise ConfigError(
            f"{name} is no {what}",
            got="nothing" if value is None else value,
            expected=f"a whole number from {low} to {high}",
        )
    assert isinstance(value, int)
    return value


def sample_count(keys: Keys, least: int = 1) -> int:
    """Read the number of samples m."""
    return whole(keys, "m", least, MAX_SAMPLES, "number of samples")


def example_index(moment: Moment, keys: Keys, name: str = "idx") -> int:
    """Read the dataset_idx of an example."""
    last = len(moment.session.dataset) - 1
    return whole(keys, name, 0, last, "example of the data set")


def draw_seed(moment: Moment, kind: str, keys: Keys) -> int:
    """Return the seed of a draw: the option `seed`, or one that follows from run and keys.

    The epoch has no part in it, so that one sees the model change and not the noise.
    """
    if "seed" in keys:
        return whole(keys, "seed", 0, 2**32 - 1, "seed")
    chosen = sorted((name, value) for name, value in keys.items() if name != "epoch")
    text = repr((moment.session.config.seed, kind, chosen))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def generator(seed: int) -> torch.Generator:
    """Return a generator of its own, on the CPU: the same numbers on every device."""
    return torch.Generator("cpu").manual_seed(seed)


def encoded(moment: Moment, dataset_idx: int) -> Encoded:
    """Encode one example, as a batch of one."""
    return moment.encode(moment.example(dataset_idx))


def decoded(moment: Moment, z: npt.ArrayLike) -> Array:
    """Decode latents [M, D] to [M, *shape] float32."""
    latents = torch.as_tensor(np.asarray(z, dtype=np.float32)).to(moment.session.device)
    return np.asarray(torch.cat(in_batches(moment.decode, latents)).float().cpu().numpy())


def encoded_again(moment: Moment, inputs: npt.ArrayLike) -> Array:
    """Encode inputs [M, *shape] to what maps show, [M, D] float32."""
    examples = torch.as_tensor(np.asarray(inputs, dtype=np.float32)).to(moment.session.device)
    parts = in_batches(moment.encode, examples)
    return np.asarray(torch.cat([part.z for part in parts]).float().cpu().numpy())


def prior_of(moment: Moment) -> Prior:
    """Return the prior of a model that can `sample`."""
    prior = moment.prior()
    assert prior is not None, "the capability says so"
    return prior


def row_of(values: Tensor) -> Array:
    """Return the single row of a tensor [1, D] as an array [D]."""
    return np.asarray(values[0].float().cpu().numpy())


def drawn(
    moment: Moment,
    kind: str,
    keys: Keys,
    payload: dict[str, Any],
    z: Array,
    *,
    columns: int | None,
    since: float,
) -> Iterable[Product]:
    """Decode latents, and yield their JSON artifact and, for images, their sheet.

    Args:
        moment: The run at its checkpoint.
        kind: The kind.
        keys: Keys of the name beside `epoch`.
        payload: What the JSON says beside latents and layout.
        z: Latents, [m, D].
        columns: Images in a row of the sheet; about square where None.
        since: When the work began, by `time.perf_counter`.
    """
    dataset, outputs = moment.session.dataset, decoded(moment, z)
    names = name_keys(keys)
    sheet: Sheet | None = None
    if dataset.is_image:
        sheet = image_sheet(to_unit(outputs, dataset.value_range), columns=columns)
        shown: dict[str, Any] = {"layout": sheet.layout(), "clipped": sheet.clipped}
    else:
        shown = {"layout": None, "decoded": outputs}
    body = {"m": len(z), **payload, **shown, "z": z}
    picture = None if sheet is None else png_bytes(sheet.pixels)
    yield kind, names, body, milliseconds(since)
    if picture is not None:
        yield f"{kind}_image", dict(names), picture, milliseconds(since)


def name_keys(keys: Keys) -> dict[str, Key]:
    """Return the keys of a name without the epoch, which whoever writes it adds."""
    return {name: value for name, value in keys.items() if name != "epoch"}


def milliseconds(since: float) -> float:
    """Return the milliseconds since a reading of `time.perf_counter`."""
    return round((time.perf_counter() - since) * 1000, 3)
