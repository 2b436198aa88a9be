"""Tensors → one number per example: likelihoods, divergences, entropies (in nats), regularizers."""

from __future__ import annotations

from latelier.losses.decomposition import (
    Decomposition,
    activity_kl,
    covariance,
    covariance_penalties,
    decompose_kl,
    permute_dimensions,
)
from latelier.losses.divergences import (
    categorical_kl_to_uniform,
    component_log_densities,
    expected_gaussian_kl,
    expected_gaussian_kl_per_dimension,
    gaussian_kl_per_dimension,
    gaussian_log_density,
    kl_divergence_diag_gaussian,
)
from latelier.losses.draws import batches_differ, drawing_from, normal_like, uniform_like
from latelier.losses.entropies import entropy, entropy_from_log_probs
from latelier.losses.mmd import Kernel, squared_mmd
from latelier.losses.reconstruction import (
    LikelihoodType,
    Reduction,
    check_targets,
    log_likelihood,
    observation_mean,
    reduce_features,
    reduced_log_likelihood,
    scaled_log_likelihood,
    squared_error,
)
from latelier.losses.regularizers import (
    angular_anchor,
    anti_anchor,
    orthogonality,
    pin,
    planarity,
    separate,
    sparsity,
    subspace,
    to_sphere,
    unitarity,
    weighted_mean,
)
from latelier.losses.shapes import expect_rank, expect_shape

__all__ = [
    "Decomposition",
    "Kernel",
    "LikelihoodType",
    "Reduction",
    "activity_kl",
    "angular_anchor",
    "anti_anchor",
    "batches_differ",
    "categorical_kl_to_uniform",
    "check_targets",
    "component_log_densities",
    "covariance",
    "covariance_penalties",
    "decompose_kl",
    "drawing_from",
    "entropy",
    "entropy_from_log_probs",
    "expect_rank",
    "expect_shape",
    "expected_gaussian_kl",
    "expected_gaussian_kl_per_dimension",
    "gaussian_kl_per_dimension",
    "gaussian_log_density",
    "kl_divergence_diag_gaussian",
    "log_likelihood",
    "normal_like",
    "observation_mean",
    "orthogonality",
    "permute_dimensions",
    "pin",
    "planarity",
    "reduce_features",
    "reduced_log_likelihood",
    "scaled_log_likelihood",
    "separate",
    "sparsity",
    "squared_error",
    "squared_mmd",
    "subspace",
    "to_sphere",
    "uniform_like",
    "unitarity",
    "weighted_mean",
]
