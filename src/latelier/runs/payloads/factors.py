"""Payloads of runs whose data has known factors."""

from __future__ import annotations

from pydantic import Field

from latelier.runs.payloads.base import Index, Matrix, Part, Real, Reals, Receipt, Share


class DCI(Part):
    """Eastwood & Williams."""

    disentanglement: Share
    completeness: Share
    informativeness: Share = Field(description="Mean of `accuracy`.")


class FactorScores(Receipt):
    """Codes of examples drawn from the whole data set; every score is 1 at best."""

    points: Index = Field(description="How many examples.")
    factors: list[str] = Field(description="[F] names.")
    mig: Share
    dci: DCI
    sap: Share = Field(description="Without chance: 0 is what guessing gives.")
    beta_vae: Share
    factor_vae: Share
    modularity: Share
    irs: Share
    gaps: Reals = Field(description="[F] what `mig` is the mean of.")
    entropy: Reals = Field(description="[F] of each factor, nats.")
    mutual_information: Matrix = Field(description="[D][F] nats.")
    importance: Matrix = Field(description="[D][F] of each dimension to predict each factor.")
    accuracy: Reals = Field(description="[F] of that prediction, on examples held back.")
    predictability: Matrix = Field(description="[D][F] of each factor by one dimension alone.")
    robustness: Matrix = Field(description="[D][F] of each dimension while a factor is still.")


class ExamplePair(Part):
    """One pair, as an example."""

    first: Index = Field(description="dataset_idx of the point.")
    second: Index = Field(description="dataset_idx of its partner.")
    changed: list[Index] = Field(description="Places of the factors that differ.")
    shared: list[bool] = Field(description="[D] whether it shares each dimension.")


class SharedDimensions(Receipt):
    """The fixed points, each with a partner that stays the same over the run."""

    points: Index = Field(description="How many pairs.")
    factors: list[str] = Field(description="[F] names.")
    dimension: list[Share] = Field(description="[D] share of the pairs that share it.")
    by_factor: list[list[Real]] = Field(
        description="[F][D] the same among pairs in which that factor changed; null if none did."
    )
    pairs: list[Index] = Field(description="[F] how many those are.")
    examples: list[ExamplePair] = Field(
        description="A few of the pairs, the same all through the run."
    )
