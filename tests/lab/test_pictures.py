from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from latelier.config.errors import DataError, ShapeError
from latelier.lab.pictures import (
    Panel,
    curves_picture,
    draw_curves,
    draw_map,
    draw_schedule,
    map_picture,
    png_bytes,
    schedule_picture,
    theme,
)
from latelier.lab.pictures.latent_map import _crowded_spot, _spread
from latelier.lab.pictures.schedule import ScheduleColumn
from latelier.timeline import Timeline, Track


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)


def where(picture: np.ndarray, color: str, tolerance: int = 24) -> np.ndarray:
    """Rows and columns of the pixels of a color, [count, 2]."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
    return np.argwhere((np.abs(picture - rgb) <= tolerance).all(axis=2))


def test_a_grid_is_its_pixels():
    rng = np.random.default_rng(0)
    for shape in ((7, 9), (7, 9, 3)):
        array = rng.integers(0, 256, shape, dtype=np.uint8)
        again = np.asarray(Image.open(io.BytesIO(png_bytes(array))))
        np.testing.assert_array_equal(again, array)
        large = np.asarray(Image.open(io.BytesIO(png_bytes(array, scale=3))))
        assert large.shape[:2] == (21, 27)
        np.testing.assert_array_equal(large[1::3, 2::3], array)
    assert png_bytes(array) == png_bytes(array.copy())


def test_a_grid_refuses_what_is_no_picture():
    with pytest.raises(ShapeError, match=r"shape \[2, 2, 4\]"):
        png_bytes(np.zeros((2, 2, 4), np.uint8))
    with pytest.raises(DataError, match="float64; expected uint8"):
        png_bytes(np.zeros((2, 2)))
    with pytest.raises(DataError, match="drawn smaller; got 0"):
        png_bytes(np.zeros((2, 2), np.uint8), scale=0)


def test_a_grid_needs_no_matplotlib():
    code = (
        "import sys, numpy; from latelier.lab.pictures import png_bytes;"
        "png_bytes(numpy.zeros((4, 4), numpy.uint8)); sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_map_has_one_scale_and_up_is_up():
    """Find the three points again by their colors; together they span 2 to the right, 1 up."""
    coords = [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]
    picture = pixels(draw_map(np.repeat(coords, 4, axis=0), np.repeat([0, 1, 2], 4), [""] * 3))
    origin, right, up = (
        where(picture, theme.shaded(color, 0.03), 12).mean(axis=0)
        for color in theme.class_colors(3)
    )
    assert right[0] == pytest.approx(origin[0], abs=2)
    assert up[1] == pytest.approx(origin[1], abs=2)
    assert right[1] - origin[1] == pytest.approx(2 * (origin[0] - up[0]), rel=0.02)
    assert origin[0] > up[0]


def test_the_map_repeats_bit_for_bit_and_labels_change_it():
    rng = np.random.default_rng(0)
    coords, labels = rng.normal(size=(200, 2)), rng.integers(0, 3, 200)
    first = draw_map(coords, labels, ["zero", "$one", "two"], "A map", subtitle="200 points")
    assert first == draw_map(
        coords, labels, ["zero", "$one", "two"], "A map", subtitle="200 points"
    )
    plain = draw_map(coords, title="A map", subtitle="200 points")
    assert len(where(pixels(first), theme.CLASSES[1], 40)) > 100
    assert len(where(pixels(plain), theme.CLASSES[1], 40)) == 0


@pytest.mark.parametrize("coords", [np.ones((1, 2)), np.ones((80, 2)), np.eye(80)[:, :2]])
def test_collapsed_maps_are_drawn(coords):
    assert pixels(draw_map(coords, np.zeros(len(coords), int))).min() < 200


def test_names_stand_in_the_crowd_and_not_on_each_other():
    rng = np.random.default_rng(1)
    crowd, stray = rng.normal(size=(90, 2)) * 0.1, rng.normal(size=(10, 2)) + 9
    spot = _crowded_spot(np.vstack([crowd, stray]), np.array([12.0, 12.0]))
    assert np.abs(spot).max() < 0.2
    spots = _spread(np.zeros((6, 2)), 1.0)
    nearest = min(np.linalg.norm(spots[i] - spots[j]) for i in range(6) for j in range(6) if i != j)
    assert nearest > 0.9


def test_the_map_refuses_what_it_cannot_place():
    with pytest.raises(ShapeError, match=r"coords has shape \[4, 3\]"):
        draw_map(np.ones((4, 3)))
    with pytest.raises(ShapeError, match=r"labels has shape \[3\]; expected \[4\]"):
        draw_map(np.ones((4, 2)), [0, 1, 2])
    with pytest.raises(ShapeError, match="there are 2 names; expected 3 or more"):
        draw_map(np.ones((2, 2)), [0, 2], ["a", "b"])


def test_curves_rise_and_fall_where_the_values_do():
    epochs = list(range(21))
    triangle = [10.0 - abs(10 - e) for e in epochs]
    picture = pixels(draw_curves(epochs, [Panel("Triangle", {"validation": triangle})]))
    line = where(picture, theme.ACCENT, 30)
    height = {column: -line[line[:, 1] == column, 0].mean() for column in np.unique(line[:, 1])}
    columns = sorted(height)
    peak = max(columns, key=lambda column: height[column])
    assert (peak - columns[0]) / (columns[-1] - columns[0]) == pytest.approx(0.5, abs=0.03)
    rising = [column for column in columns if column < peak - 20][::40]
    assert all(height[a] < height[b] for a, b in pairwise(rising))


def test_a_gap_stays_a_gap_and_a_log_axis_drops_what_is_not_positive():
    def accent(values, *, log=False):
        panel = Panel("Loss", {"validation": values, "training": values}, "nats", log)
        return len(where(pixels(draw_curves(range(5), [panel])), theme.ACCENT))

    whole, gap = accent([1.0, 2, 3, 4, 5]), accent([1.0, 2, None, 4, 5])
    assert gap < 0.8 * whole
    assert accent([1.0, 2, 0, 4, 5], log=True) < 0.8 * accent([1.0, 2, 3, 4, 5], log=True)
    assert accent([float("nan")] * 5) < accent([2.0] * 5)


def test_curves_shade_every_other_phase():
    panel = [Panel("Loss", {"loss": [1.0] * 11})]
    phases = [(0, "first"), (5, "second"), (8, "third")]
    picture = pixels(draw_curves(range(11), panel, phases=phases))
    found = where(picture[:, 2 * 240 : -2 * 96], theme.RAISED, 0)[:, 1]
    columns, counts = np.unique(found, return_counts=True)
    shaded = columns[counts > 80]
    breaks = shaded[1:][np.diff(shaded) > 50]
    start, end = shaded.min(), shaded.max()
    assert len(breaks) == 1
    assert (breaks[0] - start) / (end - start) == pytest.approx(0.8, abs=0.02)


def test_curves_refuse_lines_of_another_length():
    with pytest.raises(ShapeError, match="KL, training has 2 values; expected 3, one per epoch"):
        draw_curves([1, 2, 3], [Panel("KL", {"training": [1.0, 2.0]})])
    with pytest.raises(DataError, match="nothing to draw"):
        draw_curves([1, 2, 3], [])


def test_stored_metrics_become_panels(monkeypatch):
    drawn = {}

    def keep(epochs, panels, **words):
        drawn.update(epochs=epochs, panels=panels, **words)
        return b""

    monkeypatch.setattr("latelier.lab.pictures.stored.draw_curves", keep)
    columns = {
        "epoch": [1, 2],
        "step": [10, 20],
        "train/recon": [3.0, 2.0],
        "val/recon": [4.0, None],
        "qc_argmax_counts": [[1, 2], [2, 1]],
        "cat_kl_weight": [0.0, 1.0],
        "train/lr": [0.1, 0.1],
        "train/loss": [5.0, 4.0],
        "train/own": [1.0, 1.0],
        "val/never": [None, None],
    }
    curves_picture(columns)
    found = {panel.title: list(panel.lines) for panel in drawn["panels"]}
    assert found == {
        "Objective": ["training"],
        "Reconstruction": ["validation", "training"],
        "own": ["training"],
    }
    assert list(found) == ["Objective", "Reconstruction", "own"]
    curves_picture(columns | {f"train/x{i}": [1.0, 2.0] for i in range(20)})
    assert len(drawn["panels"]) == 12
    assert drawn["subtitle"] == "11 more metrics are in the events"
    with pytest.raises(DataError, match="no epochs"):
        curves_picture({})


def test_the_schedule_draws_a_real_timeline():
    ramp = Track.ramp("beta", 0, 60, 0.0, 1.0)
    timeline = Timeline(
        100,
        [ramp, Track.constant("kld_weight", 1.0)],
        phases=((0, "warm-up"), (60, "steady")),
        actions={60: ("fit_mixture",)},
    )
    png = schedule_picture(timeline.realize(), steps_per_epoch=10)
    assert png == schedule_picture(timeline.realize(), steps_per_epoch=10)
    picture = pixels(png)
    left, right = 2 * 260, picture.shape[1] - 2 * 96
    line = where(picture[:, left:right], theme.TEXT, 30)
    height = {column: -line[line[:, 1] == column, 0].mean() for column in np.unique(line[:, 1])}
    width = right - left
    samples = [height[c] for c in sorted(height) if 0.05 * width < c < 0.55 * width][::30]
    assert all(a < b for a, b in pairwise(samples))
    late = [height[c] for c in sorted(height) if 0.65 * width < c < 0.95 * width]
    assert max(late) - min(late) < 1
    action = where(picture[2 * 140 :, left:right], theme.ACCENT, 8)[:, 1]
    column, count = max(
        zip(*np.unique(action, return_counts=True), strict=True), key=lambda p: p[1]
    )
    assert column / width == pytest.approx(0.6, abs=0.01)
    assert count > 100


def test_keyframes_are_marked_and_the_rate_stands_below_everything(monkeypatch):
    drawn = {}
    monkeypatch.setattr(
        "latelier.lab.pictures.stored.draw_schedule",
        lambda steps, columns, **rest: drawn.update(steps=steps, columns=columns) or b"",
    )
    tracks = [Track("lr", ((0, 0.1), (50, 0.2), (99, 0.1))), Track.constant("beta", 1.0)]
    schedule_picture(Timeline(100, [*tracks, Track.constant("encoder_lr", 1.0)]).realize())
    assert [column.name for column in drawn["columns"]] == ["beta", "lr", "encoder_lr"]
    marked = drawn["columns"][1]
    assert [step for step, _ in marked.keyframes] == [0, 50, 99]
    alone = pixels(draw_schedule([0, 50, 100], [replace(marked, values=[1, 3, 2])], length=100))
    bare = ScheduleColumn("lr", [1, 3, 2])
    without = pixels(draw_schedule([0, 50, 100], [bare], length=100))
    rings = where(alone, theme.ACCENT, 30)
    assert len(where(without, theme.ACCENT, 30)) == 0
    width = alone.shape[1] - 2 * (260 + 96)
    places = (rings[:, 1] - 2 * 260) / width
    for place in (0.0, 0.5, 0.99):
        assert np.abs(places - place).min() < 0.01


def test_what_is_trained_on_has_a_line_of_its_own():
    """A broad band under the line, for columns of the data only."""
    bands = {}
    for name in ("data-fraction", "fraction"):
        picture = pixels(draw_schedule([0, 50, 100], [ScheduleColumn(name, [0, 1, 0])], length=100))
        left, right = 2 * 260, picture.shape[1] - 2 * 96
        row = picture[2 * 110 : 2 * 160, left:right]
        bands[name] = len(where(row, theme.STRONG_LINE, 6))
    assert bands["data-fraction"] > 5 * max(bands["fraction"], 100)


def test_the_schedule_refuses_columns_of_another_length():
    with pytest.raises(ShapeError, match="beta has 1 values; expected 2, one per step"):
        draw_schedule([0, 1], [ScheduleColumn("beta", [1.0])], length=2)
    with pytest.raises(DataError, match="nothing to draw"):
        draw_schedule([0, 1], [], length=2)


def test_a_stored_projection_becomes_a_map(monkeypatch):
    words = {}
    monkeypatch.setattr(
        "latelier.lab.pictures.stored.draw_map",
        lambda *args, **options: words.update(args=args, **options) or b"",
    )
    payload = {
        "method": "pca",
        "coords": [[0.0, 1.0]] * 1200,
        "explained_variance_ratio": [0.5, 0.25],
        "label": [0] * 1200,
        "epoch": 3,
    }
    map_picture(payload, ["zero"])
    assert words["subtitle"] == "Epoch 3 · 1,200 points · PCA of the latents"
    assert words["axis_names"] == ("PC 1, 50% of variance", "PC 2, 25% of variance")
    assert words["args"][1:] == ([0] * 1200, ["zero"], "Latent map")
    map_picture({"method": "identity", "coords": [[0.0, 1.0]]})
    assert words["subtitle"] == "1 points · latents as they are"
    assert words["axis_names"] == ("z 1", "z 2")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1364, "0.136"),
        (18.44, "18.4"),
        (18.0, "18"),
        (1084.2, "1,084"),
        (100.0, "100"),
        (0.00044, "0.00044"),
        (0.000044, "4.4e−5"),
        (-2.5, "−2.5"),
        (0.0, "0"),
        (9.999, "10"),
        (2.5e7, "2.5e7"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_numbers_are_written_the_short_way(value, text):
    assert theme.number(value) == text


def test_phases_become_spans():
    assert theme.phase_spans([(0, "a"), (4, "b"), (20, "c")], 10) == [(0, 4, "a"), (4, 10, "b")]
    assert theme.phase_spans([], 10) == []
    with pytest.raises(DataError, match="out of order"):
        theme.phase_spans([(4, "a"), (0, "b")], 10)


def test_fifty_labels_have_fifty_colors():
    assert len(set(theme.class_colors(50))) == 50
    assert theme.class_colors(10) == list(theme.CLASSES)
    assert (theme.shaded("#808080", 1), theme.shaded("#808080", -1)) == ("#ffffff", "#000000")
