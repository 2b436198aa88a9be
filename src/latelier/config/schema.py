"""`RunConfig`: everything that decides what a run does. Frozen, strict; YAML in, JSON out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from latelier.config.base import FROM_LIST, FilePath, Frozen, setting
from latelier.config.data import DataConfig
from latelier.config.errors import ConfigError
from latelier.config.models import (
    MODEL_KINDS,
    ConvNet,
    GMVAEModel,
    ModelConfig,
    ObjectiveConfig,
    VAEModel,
)
from latelier.config.pictures import PairsConfig
from latelier.config.regularizers import Regularizers, check_names

Cell = str | int | float | None
Index = Annotated[int, Field(ge=0)]
Label = Annotated[str, Field(min_length=1, max_length=64)]
Rows = Annotated[tuple[dict[str, Cell], ...], FROM_LIST]

# Length of a run that sets neither epochs nor steps and has no dopesheet.
DEFAULT_EPOCHS = 20


def _file_or_rows(value: Any) -> str:
    return "rows" if isinstance(value, list | tuple) else "file"


Sheet = Annotated[
    Annotated[FilePath, Tag("file")] | Annotated[Rows, Tag("rows")], Discriminator(_file_or_rows)
]


class ScheduleConfig(Frozen):
    """How long the run is, and what varies while it lasts."""

    epochs: int | None = setting(
        None,
        "Length in passes over the data; 20 when nothing sets it.",
        unit="epochs",
        ge=0,
        le=10**9,
    )
    steps: int | None = setting(
        None, "Length in optimizer updates, instead of epochs.", unit="steps", ge=0, le=10**12
    )
    lr: float | None = setting(
        1e-3,
        "Learning rate, unless the dopesheet has a column `lr`; empty where it must have one.",
        gt=0,
    )
    warmup_steps: int = setting(
        0, "Steps in which the learning rate rises from 0 to lr.", unit="steps", ge=0
    )
    final_lr_fraction: float = setting(
        1.0,
        "The learning rate falls smoothly to this fraction of lr over the run; 1 keeps it.",
        unit="fraction",
        gt=0,
        le=1,
    )
    dopesheet: Sheet | None = setting(
        None,
        "Keyframes of the timeline: a CSV file, or its rows (columns STEP, PHASE, ACTION and one "
        "per property).",
    )

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.epochs is not None and self.steps is not None:
            raise ConfigError(
                "schedule has both epochs and steps",
                expected="one of them",
                remedy="Remove the other (on the command line: schedule.epochs=null).",
            )
        if self.steps and self.warmup_steps >= self.steps:
            raise ConfigError(
                "schedule.warmup_steps is longer than the run",
                got=self.warmup_steps,
                expected=f"less than schedule.steps, {self.steps}",
            )
        return self

    @model_validator(mode="after")
    def _one_learning_rate(self) -> Self:
        rows = self.dopesheet if isinstance(self.dopesheet, tuple) else ()
        in_sheet = any(column.partition(":")[0].strip() == "lr" for row in rows for column in row)
        if self.lr is None and self.dopesheet == ():
            raise ConfigError(
                "the dopesheet has no rows, and schedule.lr is empty",
                expected="a row per keyframe, below the names of the columns",
                remedy="Add a row with STEP 0.",
            )
        if self.lr is None and not in_sheet and not isinstance(self.dopesheet, Path):
            raise ConfigError(
                "schedule.lr is empty, but the dopesheet has no column lr",
                expected="a column lr, or a number in schedule.lr",
                remedy="Add the column, or set schedule.lr.",
            )
        if in_sheet and (self.warmup_steps or self.final_lr_fraction < 1):
            raise ConfigError(
                "the dopesheet has a column lr, so schedule.warmup_steps and "
                "schedule.final_lr_fraction would be ignored",
                remedy="Remove them, or the column.",
            )
        return self

    @property
    def known_epochs(self) -> int | None:
        """Length in epochs, or None where it follows from steps or the dopesheet."""
        if self.epochs is None and self.steps is None and self.dopesheet is None:
            return DEFAULT_EPOCHS
        return self.epochs


class CheckpointConfig(Frozen):
    """When a checkpoint is written, and how many are kept."""

    every_epochs: int = setting(1, "Cadence; the last epoch is always kept.", unit="epochs", ge=1)
    every_steps: int | None = setting(
        None, "Also within an epoch, every so many steps.", unit="steps", ge=1
    )
    keep_last: int | None = setting(
        None, "Keep only the newest so many (all when empty).", unit="checkpoints", ge=1
    )


class TrainingConfig(Frozen):
    """The loop: batches, optimizer, device, checkpoints."""

    batch_size: int = setting(128, "Examples per update.", unit="examples", ge=1)
    steps_per_epoch: int | None = setting(
        None, "Steps that count as an epoch, where passes mean nothing.", unit="steps", ge=1
    )
    optimizer: Literal["adam", "adamw", "sgd"] = setting("adam", "Optimizer.")
    weight_decay: float = setting(0.0, "Weight decay of the optimizer.", ge=0)
    clip_norm: float | None = setting(
        None, "Largest L2 norm of the gradient; longer ones are shortened to it.", gt=0
    )
    device: str = setting(
        "auto",
        "'auto' (CUDA, else MPS, else CPU), 'cpu', 'cuda', 'cuda:1', 'mps'.",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
    )
    devices: int = setting(
        1,
        "Processes that share every batch, one per device; more than 1 needs the extra 'fabric'.",
        unit="devices",
        ge=1,
        le=64,
    )
    precision: Literal["float32", "bf16"] = setting(
        "float32", "'bf16' runs the forward pass in bfloat16 (autocast)."
    )
    compile: bool = setting(False, "Compile the model with torch.compile.")
    threads: int | None = setting(
        None, "CPU threads; chosen by the model's size when empty.", unit="threads", ge=1, le=1024
    )
    deterministic_debug: bool = setting(
        False, "Allow only deterministic algorithms (slower; errors name the offender)."
    )
    checkpoints: CheckpointConfig = setting(CheckpointConfig(), "Checkpoints.")


class AnalysisConfig(Frozen):
    """What is recorded of the latent space, and on which points."""

    enabled: bool = setting(True, "Record the latent space while training.")
    every_epochs: int = setting(1, "Cadence of the fast set.", unit="epochs", ge=1)
    every_steps: int | None = setting(
        None, "Also latents and map within an epoch, every so many steps.", unit="steps", ge=1
    )
    part: Literal["train", "held-out"] = setting(
        "train", "Examples that the points are chosen from."
    )
    points: int = setting(
        2000, "Size of the fixed, stratified set of points.", unit="examples", ge=1, le=100_000
    )
    indices: Annotated[tuple[Index, ...], FROM_LIST, Field(min_length=1)] | None = setting(
        None, "The points themselves, as dataset_idx; chosen by the seed when empty."
    )
    reconstructions: int = setting(
        16, "Points in the reconstruction grid.", unit="examples", ge=1, le=256
    )
    neighbors: int = setting(15, "Nearest neighbors k per point.", ge=1, le=256)
    pictures: bool = setting(True, "Draw the schedule, the curves and the last map when done.")
    snapshots: int = setting(
        0,
        "Extra frames of the map at log-spaced steps of the first epoch.",
        unit="frames",
        ge=0,
        le=64,
    )
    pairs: PairsConfig = setting(
        PairsConfig(), "Picture of the latents through pairs of their dimensions."
    )
    full_set: Literal["fibonacci", "all", "last", "off"] = setting(
        "fibonacci",
        "When densities, quality, distortion, atlas and trust are made: at the recorded epochs 0, "
        "1, 2, 3, 5, 8, 13, … and the last, at all of them, at the last alone, or never.",
    )
    umap: bool = setting(
        False, "Make UMAP maps with the full set while training; on request otherwise."
    )
    umap_neighbors: int = setting(
        15, "Nearest neighbors that a UMAP map is built from.", unit="neighbors", ge=2, le=256
    )
    umap_min_dist: float = setting(
        0.1, "Least distance between points of a UMAP map.", unit="map units", ge=0, le=1
    )
    density_grid: int = setting(
        128, "Grid of the densities and of distortion.", unit="cells per side", ge=8, le=512
    )
    trust_grid: int = setting(
        48, "Grid of the trust map; each cell is decoded once.", unit="cells per side", ge=4, le=256
    )
    atlas_tiles: int = setting(
        24, "Decoded images of the atlas.", unit="tiles per side", ge=2, le=64
    )

    @model_validator(mode="after")
    def _umap_fits(self) -> Self:
        if not self.umap:
            return self
        if self.full_set == "off":
            raise ConfigError(
                "analysis.umap is part of the full set, which analysis.full_set turns off",
                remedy="Set analysis.full_set to fibonacci, all or last, or analysis.umap=false.",
            )
        points = self.points if self.indices is None else len(self.indices)
        if self.umap_neighbors >= points:
            raise ConfigError(
                f"analysis.umap_neighbors is too large for {points} points",
                got=self.umap_neighbors,
                expected=f"at most {points - 1}",
            )
        return self

    @model_validator(mode="after")
    def _enough_points(self) -> Self:
        points = self.points if self.indices is None else len(self.indices)
        if self.indices is not None and len(set(self.indices)) != points:
            raise ConfigError("analysis.indices repeat", expected="each dataset_idx once")
        for name, least in (("neighbors", points - 1), ("reconstructions", points)):
            if getattr(self, name) > least:
                raise ConfigError(
                    f"analysis.{name} is too large for {points} points",
                    got=getattr(self, name),
                    expected=f"at most {least}",
                )
        return self


class RunConfig(Frozen):
    """One run, whole."""

    name: str = setting("", "Display name; may be changed later.", max_length=200)
    seed: int = setting(0, "Seed of everything random in the run.", ge=0, lt=2**31)
    tags: Annotated[tuple[Label, ...], FROM_LIST] = setting(
        (), "Words to find the run by.", max_length=32
    )
    notes: str = setting("", "Free text.", max_length=10_000)
    data: DataConfig = setting(DataConfig(), "Data.")
    model: ModelConfig = setting(VAEModel(net=ConvNet()), "Model.")
    objective: ObjectiveConfig = setting(
        None, "What the run minimizes; its kind follows the model's."
    )
    regularizers: Regularizers = setting(
        (), "Terms added to the objective, each weighted by a timeline column."
    )
    schedule: ScheduleConfig = setting(ScheduleConfig(), "Schedule.")
    training: TrainingConfig = setting(TrainingConfig(), "Training.")
    analysis: AnalysisConfig = setting(AnalysisConfig(), "Analysis.")

    @model_validator(mode="before")
    @classmethod
    def _objective_follows_model(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        model = values.get("model", "vae")
        kind = model.get("kind") if isinstance(model, dict) else getattr(model, "kind", "vae")
        if kind not in MODEL_KINDS:
            # The model's own error says it all; the objective's would be a second one for it.
            return {**values, "objective": {"kind": "vae"}}
        objective = values.get("objective")
        if objective is None:
            return {**values, "objective": {"kind": kind}}
        if isinstance(objective, dict) and "kind" not in objective:
            return {**values, "objective": {**objective, "kind": kind}}
        return values

    @model_validator(mode="after")
    def _kinds_agree(self) -> Self:
        if self.objective.kind != self.model.kind:
            raise ConfigError(
                "objective.kind differs from model.kind",
                got=self.objective.kind,
                expected=self.model.kind,
                remedy="Remove objective.kind: it follows the model.",
            )
        return self

    @model_validator(mode="after")
    def _regularizers_have_names(self) -> Self:
        check_names(self.regularizers)
        return self

    @model_validator(mode="after")
    def _output_fits_likelihood(self) -> Self:
        likelihood = getattr(self.objective, "likelihood", "gaussian")
        on_logits = likelihood in ("bernoulli", "continuous-bernoulli")
        if on_logits and getattr(getattr(self.model, "net", None), "output", "linear") != "linear":
            raise ConfigError(
                f"a {likelihood} likelihood takes logits, which model.net.output changes",
                got=f"model.net.output {self.model.net.output}",  # type: ignore[union-attr]
                expected="linear",
                remedy="Remove model.net.output, or set objective.likelihood=gaussian.",
            )
        return self

    @model_validator(mode="after")
    def _mixture_has_time(self) -> Self:
        epochs = self.schedule.known_epochs
        if isinstance(self.model, GMVAEModel) and self.uses_fitted_mixture and epochs:
            warmup = self.model.warmup_epochs
            if warmup >= epochs:
                raise ConfigError(
                    "model.warmup_epochs leaves no epoch for the mixture",
                    got=warmup,
                    expected=f"less than the {epochs} epochs of the run",
                    remedy="Shorten it, lengthen schedule.epochs, or set "
                    "model.component_init=random.",
                )
        return self

    @field_validator("tags")
    @classmethod
    def _tags_differ(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(tags)) != len(tags):
            raise ConfigError("tags repeat", got=list(tags), expected="each tag once")
        return tags

    @property
    def uses_fitted_mixture(self) -> bool:
        """Whether the run warms up as a VAE and then fits its mixture."""
        return isinstance(self.model, GMVAEModel) and self.model.component_init == "fitted"
