"""The section `sweep` of a configuration: what varies, what is measured, what stays. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from latelier.config.base import FROM_LIST, Frozen, setting
from latelier.config.errors import ConfigError
from latelier.config.loading import SWEEP
from latelier.config.problems import as_config_error
from latelier.config.schema import Index
from latelier.config.sweep_axes import Axis


class EvaluateConfig(Frozen):
    """What is made and measured of every variant when it has been trained."""

    artifacts: Annotated[tuple[str, ...], FROM_LIST] = setting(
        (), "Kinds of artifacts to make of the last epoch, as `latelier backfill --kind` does."
    )
    scores: dict[str, str] = setting(
        {},
        "Name → kind:field, a number out of an artifact of the last epoch, such as "
        "'factor_scores:dci.disentanglement'; it stands beside the metrics.",
    )

    @model_validator(mode="after")
    def _scores_name_a_field(self) -> Self:
        for name, source in self.scores.items():
            kind, colon, path = source.partition(":")
            if not (kind and colon and path):
                raise ConfigError(
                    f"the score {name} does not say where it is",
                    got=source,
                    expected="kind:field, such as factor_scores:mig",
                )
        return self


class CleanUpConfig(Frozen):
    """What is removed of a variant when it is completed."""

    checkpoints: Literal["all", "last", "none"] = setting(
        "all", "Which checkpoints stay: all, that of the last epoch, or none."
    )


class SweepConfig(Frozen):
    """Many runs that differ in some settings."""

    name: str = setting("", "Name of the sweep; the configuration's when empty.", max_length=64)
    axes: Annotated[tuple[Axis, ...], FROM_LIST] = setting(
        ..., "What varies; the axes are multiplied, the last varies fastest.", min_length=1
    )
    only: Annotated[tuple[str, ...], FROM_LIST, Field(min_length=1)] | None = setting(
        None, "Only these variants, by name or by their name on one axis; all when empty."
    )
    reference: str | int | None = setting(
        None, "Variant that the others' maps are aligned to: a name or an index; the last if empty."
    )
    map: Annotated[
        Literal["pca"] | Annotated[tuple[Index, Index], FROM_LIST],
        Field(union_mode="left_to_right"),
    ] = setting("pca", "What the wall shows: 'pca', or two dimensions of the latents.")
    metrics: dict[str, Literal["min", "max"]] = setting(
        {}, "Metric → which end is better; the table shows them first, the Pareto front is theirs."
    )
    evaluate: EvaluateConfig = setting(EvaluateConfig(), "After each variant.")
    clean_up: CleanUpConfig = setting(CleanUpConfig(), "After each variant.")


class _Section(Frozen):
    """The place of a sweep in a file, for messages that name it."""

    sweep: SweepConfig


def check_section(
    section: Any, axes: Sequence[Mapping[str, Any]], only: Sequence[str], source: str
) -> SweepConfig:
    """Check a sweep's section, with axes and a choice of variants from elsewhere.

    Args:
        section: What the file says; None if it says nothing.
        axes: More axes, after its own.
        only: Variants to keep, in place of its own choice.
        source: Where the section comes from, for messages.

    Raises:
        ConfigError: If there is nothing to vary, or it does not fit the schema.
    """
    if section is None and not axes:
        raise ConfigError(
            f"{source} has no section sweep, and no axis was given",
            remedy="Say what varies, such as --grid objective.beta=1,4 or --seeds 5.",
        )
    values: Any = section if section is not None else {}
    if isinstance(values, Mapping):
        own = values.get("axes", [])
        both = [*own, *axes] if isinstance(own, list | tuple) else own
        values = {**values, "axes": both} | ({"only": list(only)} if only else {})
    try:
        return _Section.model_validate({SWEEP: values}).sweep
    except ValidationError as error:
        raise as_config_error(error, {SWEEP: values}, _Section, source) from None
