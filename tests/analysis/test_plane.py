from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from latelier.analysis.grid import Grid, read_values
from latelier.analysis.neighbors import knn
from latelier.analysis.plane import plane_payloads, plane_spreads, trust_grid, trust_payload
from latelier.analysis.projection import pca
from latelier.config.errors import DataError, ShapeError
from latelier.runs.encoding import dumps

COMPONENTS = 4


@dataclass(frozen=True, eq=False)
class Bent:
    """A map that is not linear, as UMAP's: known coordinates and nothing else."""

    dataset_idx: np.ndarray
    coords: np.ndarray
    method: str = "umap"


def mixture_latents(points: int = 400, seed: int = 0) -> dict[str, np.ndarray]:
    """Latents whose posteriors are the components of their prior: q = p."""
    rng = np.random.default_rng(seed)
    mu = rng.normal(size=(COMPONENTS, 5)) * 3
    log_var = rng.uniform(-1, 0.5, (COMPONENTS, 5))
    chosen = np.sort(rng.choice(COMPONENTS, points, p=[0.4, 0.3, 0.2, 0.1]))
    return {
        "dataset_idx": np.arange(points) * 3,
        "z": mu[chosen],
        "log_var": log_var[chosen],
        "responsibilities": np.eye(COMPONENTS)[chosen],
        "prior_mu": mu,
        "prior_log_var": log_var,
    }


def made(latents, drawn, **options) -> dict[str, dict]:
    method = options.pop("method", "pca")
    parts = plane_payloads(latents, drawn, method=method, grid_side=48, k=5, **options)
    return {kind: json.loads(dumps(payload)) for kind, payload, _ in parts}


def drawn_pca(latents):
    return pca(latents["z"], 2, dataset_idx=latents["dataset_idx"])


def test_kinds_come_in_order_share_their_cells_and_say_their_time():
    latents = mixture_latents()
    parts = list(plane_payloads(latents, drawn_pca(latents), method="pca", grid_side=48))
    assert [kind for kind, _, _ in parts] == [
        "posterior_2d_pca",
        "prior_2d_pca",
        "prior_empirical_2d_pca",
        "prior_minus_posterior_2d_pca",
        "metric_ratio_2d_pca",
    ]
    first = Grid.from_payload(parts[0][1])
    for _, payload, took in parts:
        assert Grid.from_payload(payload).same_cells(first)
        assert payload["method"] == "pca"
        assert payload["dims"] == 2
        assert payload["meta"]["compute_ms"] == took > 0
        assert payload["meta"]["subset_n"] == 400
        assert len(payload["values"]) == 48 * 48


def test_prior_empirical_is_the_mixture_of_the_posteriors_where_q_is_p():
    latents = mixture_latents()
    payloads = made(latents, drawn_pca(latents))
    posterior, empirical = (
        read_values(payloads[name]) for name in ("posterior_2d_pca", "prior_empirical_2d_pca")
    )
    assert np.abs(empirical - posterior).max() < 0.02 * posterior.max()
    uniform = read_values(payloads["prior_2d_pca"])
    assert np.abs(uniform - posterior).max() > 0.1 * posterior.max()
    weights = payloads["prior_empirical_2d_pca"]["meta"]["weights"]
    assert weights["components"] == COMPONENTS
    assert weights["max"] == pytest.approx(latents["responsibilities"].mean(axis=0).max())
    assert payloads["prior_2d_pca"]["meta"]["weights"]["neff"] == pytest.approx(COMPONENTS)


def test_densities_sum_to_what_is_inside():
    latents = mixture_latents()
    for drawn, method in ((drawn_pca(latents), "pca"), (bent(latents), "umap")):
        for kind, payload in made(latents, drawn, method=method).items():
            if kind.startswith(("posterior", "prior_2d", "prior_empirical")):
                total = read_values(payload).sum() * Grid.from_payload(payload).area
                assert total == pytest.approx(payload["meta"]["mass_inside"], rel=0.02)
                assert payload["meta"]["mass_inside"] >= 0.999


def bent(latents, seed: int = 5) -> Bent:
    """Islands, one for each component, far from where a projection would put them."""
    rng = np.random.default_rng(seed)
    islands = np.array([[0.0, 0], [30, 0], [0, 30], [30, 30]])
    chosen = latents["responsibilities"].argmax(axis=1)
    coords = islands[chosen] + rng.normal(size=(len(chosen), 2)) * 2
    return Bent(latents["dataset_idx"], coords.astype(np.float32))


def test_densities_peak_on_the_islands_they_describe():
    latents = mixture_latents()
    latents["z"] = latents["z"] + np.random.default_rng(1).normal(size=latents["z"].shape) * 0.2
    latents["log_var"] = np.full_like(latents["z"], -3.0)
    drawn = bent(latents)
    payload = made(latents, drawn, method="umap")["posterior_2d_umap"]
    assert payload["estimator"] == "placed_samples"
    assert payload["meta"]["samples"] == 10_000
    grid, values = Grid.from_payload(payload), read_values(payload)
    x, y = (axis.reshape(48, 48) for axis in grid.centers().T)
    chosen = latents["responsibilities"].argmax(axis=1)
    islands = np.array([[0.0, 0], [30, 0], [0, 30], [30, 30]])
    for one, island in enumerate(islands):
        near = np.hypot(x - island[0], y - island[1]) < 10
        assert values[near].sum() * grid.area == pytest.approx((chosen == one).mean(), abs=0.01)
        peak = grid.centers()[np.where(near, values, 0).argmax()]
        assert np.linalg.norm(peak - drawn.coords[chosen == one].mean(axis=0)) < 2.5


def test_placed_samples_go_where_the_given_function_puts_them():
    latents = mixture_latents(50)
    seen = []

    def place(new, old, coords):
        seen.append((new.shape, old.shape, coords.shape))
        return np.tile([[7.0, -2.0]], (len(new), 1))

    payload = made(latents, bent(latents), method="umap", place=place)["posterior_2d_umap"]
    assert seen == [((10_000, 5), (50, 5), (50, 2))] * 3
    grid = Grid.from_payload(payload)
    peak = grid.centers()[read_values(payload).argmax()]
    assert (np.abs(peak - [7, -2]) <= grid.cell).all()


def test_seeds_decide_the_samples():
    latents = mixture_latents(60)
    drawn = bent(latents)
    one, same, other = (
        plane_spreads(latents, drawn, seed=seed)["posterior"].mixture.mean for seed in (1, 1, 2)
    )
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_a_model_without_a_mixture_has_a_single_prior():
    latents = mixture_latents()
    latents["prior_mu"], latents["prior_log_var"] = np.zeros((1, 5)), np.zeros((1, 5))
    kinds = made(latents, drawn_pca(latents))
    assert "prior_2d_pca" in kinds
    assert "prior_empirical_2d_pca" not in kinds


def test_a_model_without_variances_has_the_density_of_its_codes():
    rng = np.random.default_rng(0)
    latents = {"z": rng.normal(size=(300, 6)), "dataset_idx": np.arange(300)}
    payloads = made(latents, drawn_pca(latents))
    assert set(payloads) == {"posterior_2d_pca", "metric_ratio_2d_pca"}
    assert payloads["posterior_2d_pca"]["estimator"] == "codes"
    assert payloads["posterior_2d_pca"]["prior_kind"] is None
    islands = Bent(latents["dataset_idx"], rng.normal(size=(300, 2)).astype(np.float32))
    on_islands = made(latents, islands, method="umap")["posterior_2d_umap"]
    assert on_islands["estimator"] == "codes"
    assert on_islands["meta"]["samples"] is None
    assert on_islands["meta"]["bandwidth"][0] > 0


def test_flat_latents_are_shown_as_they_are():
    rng = np.random.default_rng(0)
    for width in (1, 2):
        z = rng.normal(size=(100, width))
        latents = {"z": z, "log_var": np.full_like(z, -2.0), "dataset_idx": np.arange(100)}
        latents |= {"prior_mu": np.zeros((1, width)), "prior_log_var": np.zeros((1, width))}
        payloads = made(latents, drawn_pca(latents))
        assert payloads["posterior_2d_pca"]["method"] == "identity"
        assert payloads["prior_2d_pca"]["meta"]["mass_inside"] >= 0.999
        np.testing.assert_allclose(payloads["metric_ratio_2d_pca"]["stats"]["min"], 1, rtol=1e-5)


def test_a_point_alone_has_no_distortion():
    latents = {name: values[:1] for name, values in mixture_latents().items()}
    assert "metric_ratio_2d_pca" not in made(latents, drawn_pca(latents))


def test_given_neighbors_are_used():
    latents = mixture_latents()
    latents["z"] = latents["z"] + np.random.default_rng(1).normal(size=latents["z"].shape)
    near = knn(latents["z"], 9, dataset_idx=latents["dataset_idx"])
    assert made(latents, drawn_pca(latents), neighbors=near)["metric_ratio_2d_pca"]["k"] == 9
    assert made(latents, drawn_pca(latents))["metric_ratio_2d_pca"]["k"] == 5


def test_trust_from_payloads_as_computed_and_as_read():
    latents = mixture_latents()
    latents["z"] = latents["z"] + np.random.default_rng(1).normal(size=latents["z"].shape)
    drawn = drawn_pca(latents)
    parts = {
        kind: payload
        for kind, payload, _ in plane_payloads(latents, drawn, method="pca", grid_side=48)
    }
    read = {kind: json.loads(dumps(payload)) for kind, payload in parts.items()}
    error = np.linspace(0, 2, 256)
    found = []
    for source in (parts, read):
        posterior, ratio = source["posterior_2d_pca"], source["metric_ratio_2d_pca"]
        grid = trust_grid(posterior, 16)
        payload = trust_payload(grid, error, posterior=posterior, metric_ratio=ratio, drawn=drawn)
        found.append(read_values(json.loads(dumps(payload))))
    np.testing.assert_allclose(*found, rtol=1e-5)
    assert payload["method"] == "pca"
    values = found[0]
    center = values.flat[grid.index_of(drawn.coords)]
    assert values[0, 0] < 0.15
    assert np.median(center) > 0.4
    fine = read_values(read["posterior_2d_pca"]).reshape(16, 3, 16, 3).mean(axis=(1, 3))
    edge = np.quantile(fine.flat[grid.index_of(drawn.coords)], 0.05)
    np.testing.assert_allclose(
        np.reshape(payload["parts"]["density"], (16, 16)),
        fine / (fine + edge),
        rtol=1e-4,
        atol=1e-9,
    )


def test_trust_without_distortion():
    latents = {name: values[:1] for name, values in mixture_latents().items()}
    drawn = drawn_pca(latents)
    posterior = made(latents, drawn)["posterior_2d_pca"]
    grid = trust_grid(posterior, 8)
    payload = trust_payload(grid, np.zeros(64), posterior=posterior, metric_ratio=None, drawn=drawn)
    own = grid.index_of(drawn.coords)[0]
    assert payload["values"][own] == pytest.approx(0.5**0.5, rel=1e-5)
    assert payload["values"].max() == payload["values"][own]


def test_refuses_maps_of_other_points():
    latents = mixture_latents()
    drawn = pca(latents["z"], 2)
    with pytest.raises(DataError, match="same points"):
        next(plane_payloads(latents, drawn, method="pca"))
    solid = pca(latents["z"], 3, dataset_idx=latents["dataset_idx"])
    with pytest.raises(ShapeError):
        next(plane_payloads(latents, solid, method="pca"))
