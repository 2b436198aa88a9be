"""Arrays in, arrays out: what can be computed from latents, without a model and without a run.

Nothing here reads or writes a file, and nothing here draws: `lab` decides when, `runs` keeps it.
"""

from __future__ import annotations

from latelier.analysis.alignment import Alignment, align_pca, aligned
from latelier.analysis.anatomy import ActiveUnits, Anatomy, active_units, point_anatomy
from latelier.analysis.clustering import ClusteringScores, clustering_scores, contingency_table
from latelier.analysis.mixture import MixtureHealth, mixture_health, row_entropy
from latelier.analysis.neighbors import (
    Churn,
    Neighbors,
    drawn_distances,
    edge_weight,
    extent_radius,
    knn,
    neighbor_churn,
    neighbors_payload,
)
from latelier.analysis.probe import LinearProbe, knn_probe, linear_probe, stratified_test_mask
from latelier.analysis.projection import (
    Bounds,
    Projection,
    bounds_of,
    pca,
)
from latelier.analysis.quality import ProjectionQuality, projection_quality
from latelier.analysis.reconstructions import ReconstructionGrid, reconstruction_grid

__all__ = [
    "ActiveUnits",
    "Alignment",
    "Anatomy",
    "Bounds",
    "Churn",
    "ClusteringScores",
    "LinearProbe",
    "MixtureHealth",
    "Neighbors",
    "Projection",
    "ProjectionQuality",
    "ReconstructionGrid",
    "active_units",
    "align_pca",
    "aligned",
    "bounds_of",
    "clustering_scores",
    "contingency_table",
    "drawn_distances",
    "edge_weight",
    "extent_radius",
    "knn",
    "knn_probe",
    "linear_probe",
    "mixture_health",
    "neighbor_churn",
    "neighbors_payload",
    "pca",
    "point_anatomy",
    "projection_quality",
    "reconstruction_grid",
    "row_entropy",
    "stratified_test_mask",
]
