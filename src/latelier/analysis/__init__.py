"""Arrays in, arrays out: what can be computed from latents, without a model and without a run.

Nothing here reads or writes a file, and nothing here draws: `lab` decides when, `runs` keeps it.
"""

from __future__ import annotations

from latelier.analysis.alignment import Alignment, align_map, align_pca, aligned
from latelier.analysis.anatomy import ActiveUnits, Anatomy, active_units, point_anatomy
from latelier.analysis.clustering import ClusteringScores, clustering_scores, contingency_table
from latelier.analysis.density import Density, Spread, common_grid, density_of
from latelier.analysis.distortion import Distortion, knn_mean_ratio, metric_ratio
from latelier.analysis.gaussians import Gaussians, PlaneMixture
from latelier.analysis.grid import Grid
from latelier.analysis.log_ratio import LogRatio, Region
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
from latelier.analysis.placing import place, unplace
from latelier.analysis.plane import plane_payloads, trust_grid, trust_payload
from latelier.analysis.probe import (
    LinearProbe,
    can_probe,
    knn_probe,
    linear_probe,
    stratified_test_mask,
)
from latelier.analysis.projection import (
    Bounds,
    Projection,
    bounds_of,
    pca,
    pca_maps,
)
from latelier.analysis.quality import (
    ProjectionQuality,
    projection_quality,
    quality_of_maps,
    quality_payload,
)
from latelier.analysis.reconstructions import ReconstructionGrid, reconstruction_grid
from latelier.analysis.trust import Trust
from latelier.analysis.umap_map import UmapMap, umap_map, warm_up

__all__ = [
    "ActiveUnits",
    "Alignment",
    "Anatomy",
    "Bounds",
    "Churn",
    "ClusteringScores",
    "Density",
    "Distortion",
    "Gaussians",
    "Grid",
    "LinearProbe",
    "LogRatio",
    "MixtureHealth",
    "Neighbors",
    "PlaneMixture",
    "Projection",
    "ProjectionQuality",
    "ReconstructionGrid",
    "Region",
    "Spread",
    "Trust",
    "UmapMap",
    "active_units",
    "align_map",
    "align_pca",
    "aligned",
    "bounds_of",
    "can_probe",
    "clustering_scores",
    "common_grid",
    "contingency_table",
    "density_of",
    "drawn_distances",
    "edge_weight",
    "extent_radius",
    "knn",
    "knn_mean_ratio",
    "knn_probe",
    "linear_probe",
    "metric_ratio",
    "mixture_health",
    "neighbor_churn",
    "neighbors_payload",
    "pca",
    "pca_maps",
    "place",
    "plane_payloads",
    "point_anatomy",
    "projection_quality",
    "quality_of_maps",
    "quality_payload",
    "reconstruction_grid",
    "row_entropy",
    "stratified_test_mask",
    "trust_grid",
    "trust_payload",
    "umap_map",
    "unplace",
    "warm_up",
]
