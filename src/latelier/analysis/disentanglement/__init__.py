"""Disentanglement: whether the dimensions of a code follow the factors that the data is made from.

Every score takes codes [N, D] and the factors [N, F] of the same examples, is seeded with a
generator of its own, and is 1 at best.
"""

from __future__ import annotations

from latelier.analysis.disentanglement.importance import DCI, dci
from latelier.analysis.disentanglement.information import (
    Modularity,
    MutualInformation,
    MutualInformationGap,
    discretized,
    modularity,
    mutual_information,
    mutual_information_gap,
)
from latelier.analysis.disentanglement.interventions import (
    BetaVAEScore,
    FactorVAEScore,
    beta_vae_score,
    factor_vae_score,
)
from latelier.analysis.disentanglement.predictability import SAP, sap
from latelier.analysis.disentanglement.reading import CodeSource, Encode, scorable
from latelier.analysis.disentanglement.robustness import IRS, irs
from latelier.analysis.disentanglement.sharing import SharedDimensions, shared_dimensions
from latelier.analysis.disentanglement.summary import FactorScores, factor_scores

__all__ = [
    "DCI",
    "IRS",
    "SAP",
    "BetaVAEScore",
    "CodeSource",
    "Encode",
    "FactorScores",
    "FactorVAEScore",
    "Modularity",
    "MutualInformation",
    "MutualInformationGap",
    "SharedDimensions",
    "beta_vae_score",
    "dci",
    "discretized",
    "factor_scores",
    "factor_vae_score",
    "irs",
    "modularity",
    "mutual_information",
    "mutual_information_gap",
    "sap",
    "scorable",
    "shared_dimensions",
]
