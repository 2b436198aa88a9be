"""The health of a mixture: which components carry the data, and which are dead.

Shapes: N points, C components. Independent of any projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latelier.analysis.arrays import Floats, Integers, finite_array
from latelier.config.errors import DataError

ROW_SUM_TOLERANCE = 1e-3
"""How far the responsibilities of one point may sum from 1: float32 and many components."""


@dataclass(frozen=True, eq=False)
class MixtureHealth:
    """How responsibilities q(c|x) spread over the components.

    Attributes:
        p: Empirical weight of each component, the mean of q(c|x) over the points, [C].
        psum: Sum of `p`; 1 up to rounding.
        entropy: Entropy of `p` in nats; at most ln C.
        neff: Effective number of components, exp(entropy), 1..C.
        pmax: The largest weight.
        top: Components from the largest weight to the smallest, [C].
        argmax_counts: The number of points for which each component is the most responsible, [C].
        argmax_neff: exp of the entropy of `argmax_counts`.
        dead: Components that are most responsible for no point.
        mean_entropy: Mean over the points of the entropy of q(c|x), in nats: 0 is a hard choice.
    """

    p: Floats
    psum: float
    entropy: float
    neff: float
    pmax: float
    top: Integers
    argmax_counts: Integers
    argmax_neff: float
    dead: tuple[int, ...]
    mean_entropy: float

    def payload(self) -> dict[str, Any]:
        """Return the JSON form; `top` pairs each component with its weight."""
        return {
            "components": len(self.p),
            "p": self.p,
            "psum": self.psum,
            "entropy": self.entropy,
            "neff": self.neff,
            "pmax": self.pmax,
            "top": [{"component": int(c), "p": float(self.p[c])} for c in self.top],
            "argmax_counts": self.argmax_counts,
            "argmax_neff": self.argmax_neff,
            "dead": list(self.dead),
            "mean_entropy": self.mean_entropy,
        }


def mixture_health(responsibilities: npt.ArrayLike) -> MixtureHealth:
    """Measure how the components of a mixture are used.

    Args:
        responsibilities: q(c|x) of each point, [N, C]. Rows sum to 1.

    Returns:
        The health. Of equally responsible components the first one counts as the argmax; of
        equal weights the smaller number comes first in `top`.

    Raises:
        ShapeError: If it is not a matrix with rows.
        DataError: If a value is not finite or negative, or a row does not sum to 1.

    Source:
        Effective number: Hill (1973), Ecology 54(2), order 1.
    """
    q = finite_array("responsibilities", responsibilities, dims=2)
    _require_distributions(q)
    p = q.mean(axis=0)
    counts = np.bincount(q.argmax(axis=1), minlength=q.shape[1])
    entropy = float(row_entropy(p[None])[0])
    return MixtureHealth(
        p=p,
        psum=float(p.sum()),
        entropy=entropy,
        neff=float(np.exp(entropy)),
        pmax=float(p.max()),
        top=np.argsort(-p, kind="stable"),
        argmax_counts=counts,
        argmax_neff=float(np.exp(row_entropy(counts[None] / len(q))[0])),
        dead=tuple(int(c) for c in np.flatnonzero(counts == 0)),
        mean_entropy=float(row_entropy(q).mean()),
    )


def row_entropy(probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Compute the entropy of each row.

    Args:
        probabilities: Distributions, [N, C], not negative.

    Returns:
        Entropies in nats, [N]; 0 ln 0 counts as 0. Never negative.
    """
    q = np.asarray(probabilities, dtype=np.float64)
    terms = q * np.log(np.where(q > 0, q, 1.0))
    entropy: npt.NDArray[np.float64] = np.maximum(-terms.sum(axis=1), 0.0)
    return entropy


def _require_distributions(q: Floats) -> None:
    wrong = (q < 0).any(axis=1) | (np.abs(q.sum(axis=1) - 1.0) > ROW_SUM_TOLERANCE)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"responsibilities row {row} is no distribution",
            got=f"{q[row].tolist()}, sum {q[row].sum():.6g}",
            expected="values of 0 or more that sum to 1",
        )
