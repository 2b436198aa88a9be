"""The fitted start of a mixture: after a warm-up as a VAE, components come from the latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from latelier.models import GMVAE
from latelier.training.determinism import shielded

if TYPE_CHECKING:
    from latelier.training.session import Session

SMALLEST_VARIANCE = 1e-2
"""Floor of a fitted component's variances: a dead latent dimension has almost none."""

_BATCH = 1024


def fit_components(session: Session) -> dict[str, Any]:
    """Cluster the training latents, and start components and q(c|x) from the clusters.

    k-means (the limit of a mixture with equal, narrow, round components; fits of full mixtures
    varied more from seed to seed, see docs/journal.md) gives the clusters. Each component takes
    its cluster's mean and the variance of the aggregate posterior there, Var(μ) + E[σ²]. The head
    of q(c|x) is fitted to the clusters. The optimizer forgets its averages, for they belong to
    another objective. Nothing is drawn from the run's generators.

    Returns:
        What the run records of it: the clusters' shares, and the mean KL in nats of the fitted
        head from the clusters.
    """
    with shielded():  # the first import of a library may draw random numbers
        return _fit_components(session)


def _fit_components(session: Session) -> dict[str, Any]:
    from sklearn.cluster import KMeans

    model = cast("GMVAE", session.model)
    features, mu, log_var = _encode_training_set(session, model)
    cluster = KMeans(model.components, n_init=20, random_state=session.config.seed)
    assigned = torch.from_numpy(cluster.fit_predict(mu.double().cpu().numpy())).long()
    one_hot = torch.nn.functional.one_hot(assigned, model.components).to(mu)
    mean, variance = _moments(one_hot, mu, log_var.exp())
    model.initialize_mixture(mean, variance.clamp_min(SMALLEST_VARIANCE).log())
    divergence = model.fit_categorical_head(features, one_hot)
    session.optimizer.state.clear()
    return {
        "shares": [round(share, 6) for share in one_hot.mean(0).tolist()],
        "head_kl": divergence,
    }


def _moments(one_hot: Tensor, mu: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance [K, D] of the aggregate posterior of each cluster."""
    size = one_hot.sum(0).unsqueeze(1)
    mean = one_hot.T @ mu / size
    second = one_hot.T @ (mu.square() + variance) / size
    return mean, second - mean.square()


@torch.no_grad()
def _encode_training_set(session: Session, model: GMVAE) -> tuple[Tensor, Tensor, Tensor]:
    """Return features [N, H], posterior means and log variances [N, D] of the training set."""
    model.eval()
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    for rows in session.dataset.train.split(_BATCH):
        inputs = session.dataset.examples(rows).inputs.to(session.device)
        encoded = model.encode(inputs)
        parts.append((model.features(inputs), encoded.mu, encoded.log_var))
    features, mu, log_var = (torch.cat(column) for column in zip(*parts, strict=True))
    return features, mu, log_var
