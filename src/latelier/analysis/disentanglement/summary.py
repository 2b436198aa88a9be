"""All scores of one code at once, as a run keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.disentanglement.importance import DCI, dci
from latelier.analysis.disentanglement.information import (
    Modularity,
    MutualInformationGap,
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
from latelier.analysis.disentanglement.robustness import IRS, irs


@dataclass(frozen=True, eq=False)
class FactorScores:
    """Every score of codes [N, D] with factors [N, F]; see the score of that name."""

    points: int
    mig: MutualInformationGap
    dci: DCI
    sap: SAP
    beta_vae: BetaVAEScore
    factor_vae: FactorVAEScore
    modularity: Modularity
    irs: IRS

    def payload(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the JSON form.

        Args:
            names: Names of the factors, F.
        """
        return {
            "points": self.points,
            "factors": list(names),
            "mig": self.mig.value,
            "dci": {
                "disentanglement": self.dci.disentanglement,
                "completeness": self.dci.completeness,
                "informativeness": self.dci.informativeness,
            },
            "sap": self.sap.value,
            "beta_vae": self.beta_vae.value,
            "factor_vae": self.factor_vae.value,
            "modularity": self.modularity.value,
            "irs": self.irs.value,
            "gaps": self.mig.gaps,
            "entropy": self.mig.information.entropy,
            "mutual_information": self.mig.information.matrix,
            "importance": self.dci.importance,
            "accuracy": self.dci.accuracy,
            "predictability": self.sap.predictability,
            "robustness": self.irs.matrix,
        }


def factor_scores(codes: npt.ArrayLike, factors: npt.ArrayLike, *, seed: int = 0) -> FactorScores:
    """Score codes by everything in this package.

    Args:
        codes: [N, D].
        factors: [N, F] integers, F ≥ 2.
        seed: Of all draws and splits.

    Raises:
        ShapeError: If codes and factors differ in their rows.
        DataError: If a code is not finite, a factor constant, there are too few examples, or one
            factor.
    """
    information = mutual_information(codes, factors)
    importance = dci(codes, factors, seed=seed)  # refuses a single factor
    return FactorScores(
        len(np.asarray(factors)),
        mutual_information_gap(codes, factors, information=information),
        importance,
        sap(codes, factors, seed=seed),
        beta_vae_score(codes, factors, seed=seed),
        factor_vae_score(codes, factors, seed=seed),
        modularity(codes, factors, information=information),
        irs(codes, factors),
    )
