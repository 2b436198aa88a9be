"""Tensors → one number per example: likelihoods, divergences, entropies. Units are nats."""

from __future__ import annotations

from latelier.losses.divergences import (
    categorical_kl_to_uniform,
    component_log_densities,
    expected_gaussian_kl,
    expected_gaussian_kl_per_dimension,
    gaussian_kl_per_dimension,
    gaussian_log_density,
    kl_divergence_diag_gaussian,
)
from latelier.losses.entropies import entropy, entropy_from_log_probs
from latelier.losses.reconstruction import (
    LikelihoodType,
    Reduction,
    check_targets,
    log_likelihood,
    reduce_features,
    reduced_log_likelihood,
    squared_error,
)
from latelier.losses.shapes import expect_rank, expect_shape

__all__ = [
    "LikelihoodType",
    "Reduction",
    "categorical_kl_to_uniform",
    "check_targets",
    "component_log_densities",
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
    "reduce_features",
    "reduced_log_likelihood",
    "squared_error",
]
