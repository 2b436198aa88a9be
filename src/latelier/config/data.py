"""Configuration of the data of a run: which examples, how they are drawn, what is known of them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from latelier.config.base import FilePath, Frozen, setting
from latelier.config.concepts import ConceptsConfig
from latelier.config.errors import ConfigError

PATH_DATASETS = ("npz", "image-folder", "dsprites", "shapes3d")
"""Data sets that are read from `data.path`."""


class AugmentConfig(Frozen):
    """Random affine changes of training images about their center; off when all are 0."""

    shift: float = setting(
        0.0, "Images move by up to so many pixels in x and y.", unit="pixels", ge=0, le=64
    )
    rotate: float = setting(
        0.0, "Images turn by up to so many degrees either way.", unit="degrees", ge=0, le=180
    )
    scale: float = setting(
        0.0, "Images shrink or grow by up to this fraction, per axis.", unit="fraction", ge=0, lt=1
    )
    shear: float = setting(
        0.0, "Images lean sideways by up to this fraction of their height.", ge=0, le=2
    )
    target: Literal["clean", "augmented"] = setting(
        "augmented",
        "What is reconstructed: the changed image, or the image as it was ('clean'), which makes "
        "the latents forget the change.",
    )

    @property
    def active(self) -> bool:
        """Whether anything is changed."""
        return any((self.shift, self.rotate, self.scale, self.shear))


class DataConfig(Frozen):
    """Which examples, and how they are split."""

    dataset: str = setting(
        "mnist-5k",
        "Name in the DATASETS table (`latelier data list`), or 'given' for data passed from "
        "Python.",
        min_length=1,
    )
    path: FilePath | None = setting(
        None,
        "File or folder to read; only for the data sets 'npz', 'image-folder', 'dsprites' and "
        "'shapes3d'.",
    )
    root: FilePath | None = setting(
        None, "Folder of downloaded data sets; default: the user's cache folder (--data-root)."
    )
    image_size: int | None = setting(
        None, "Side to which images of a folder are resized.", unit="pixels", ge=1, le=4096
    )
    held_out: float = setting(
        0.1,
        "Fraction kept out of training (stratified, seeded) where the set has no test part.",
        unit="fraction",
        ge=0,
        lt=1,
    )
    limit: int | None = setting(
        None, "Use only so many training examples (stratified, seeded).", unit="examples", ge=1
    )
    label_noise: float = setting(
        0.0, "Fraction of training labels replaced by another class (seeded).", ge=0, le=1
    )
    augment: AugmentConfig = setting(
        AugmentConfig(), "Random changes of training images, drawn anew each time."
    )
    pairs: Literal["off", "fixed", "uniform"] = setting(
        "off",
        "Feed pairs whose factors mostly agree, for data whose factors are known: 'fixed' changes "
        "changed_factors of them, 'uniform' draws how many for each pair.",
    )
    changed_factors: int = setting(
        1, "Factors that differ within a pair; read when pairs is 'fixed'.", ge=1
    )
    in_memory: Literal["auto", "always", "never"] = setting(
        "auto", "Hold all examples in one tensor; 'auto' does so below 4 GiB."
    )
    sampling: Literal["shuffle", "weighted", "curriculum"] = setting(
        "shuffle",
        "How a pass draws as many examples as there are: each once; with replacement, by the "
        "weights of the data set; or the same among its first examples only, a share that the "
        "timeline column data-fraction says.",
    )
    fraction: float = setting(
        1.0,
        "Share of the examples that is drawn from, the data set's most typical first; the default "
        "of the timeline column data-fraction, read when sampling is 'curriculum'.",
        unit="fraction",
        gt=0,
        le=1,
    )
    concepts: ConceptsConfig = setting(ConceptsConfig(), "Graded labels, for data that has them.")
    workers: int = setting(
        0, "Loader processes for data that is not in memory.", unit="processes", ge=0, le=64
    )

    @model_validator(mode="after")
    def _path_fits_dataset(self) -> Self:
        from_path = self.dataset in PATH_DATASETS
        if from_path and self.path is None:
            raise ConfigError(
                f"data.dataset is {self.dataset}, but data.path is missing",
                remedy="Set data.path to the file or folder.",
            )
        if self.path is not None and not from_path:
            raise ConfigError(
                f"data.path is read only by the data sets {', '.join(PATH_DATASETS)}",
                got=f"data.dataset {self.dataset}",
                remedy="Remove data.path, or set data.dataset.",
            )
        if self.image_size is not None and self.dataset != "image-folder":
            raise ConfigError(
                "data.image_size is read only by the data set image-folder",
                got=f"data.dataset {self.dataset}",
                remedy="Remove data.image_size.",
            )
        return self

    @model_validator(mode="after")
    def _fraction_is_read(self) -> Self:
        if self.fraction < 1 and self.sampling != "curriculum":
            raise ConfigError(
                "data.fraction is read only when data.sampling is curriculum",
                got=f"data.sampling {self.sampling}",
                remedy="Remove data.fraction, or set data.sampling=curriculum.",
            )
        return self

    @model_validator(mode="after")
    def _pairs_are_shuffled(self) -> Self:
        if self.pairs != "off" and self.sampling != "shuffle":
            raise ConfigError(
                "data.pairs are drawn from shuffled examples",
                got=f"data.sampling {self.sampling}",
                remedy="Set data.sampling=shuffle, or data.pairs=off.",
            )
        return self
