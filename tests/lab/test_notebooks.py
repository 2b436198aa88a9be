"""What a notebook shows: runs, lists of runs, metrics, outputs and losses."""

from __future__ import annotations

import base64
import io
import re
import sys

import numpy as np
import pytest
import torch
from PIL import Image

import latelier
from latelier.config import RunError
from latelier.models import AdaGVAEOutput, AEOutput, LossResult, VAEOutput
from latelier.runs import Metrics

METRICS = Metrics(
    {"epoch": [0, 1], "step": [0, 4], "loss": [None, 2.5], "counts": [None, [1, 3]]},
    {"step": [0, 1, 2, 3], "train/loss": [4.0, 3.0, None, 2.0]},
)


def test_metrics_become_arrays():
    epochs, steps = METRICS.to_numpy(), METRICS.to_numpy("steps")
    assert epochs["step"].dtype == np.int64
    np.testing.assert_array_equal(epochs["loss"], [np.nan, 2.5])
    np.testing.assert_array_equal(epochs["counts"], [[np.nan, np.nan], [1, 3]])
    np.testing.assert_array_equal(steps["train/loss"], [4, 3, np.nan, 2])
    assert Metrics().to_numpy() == {}
    with pytest.raises(RunError, match="no such table of metrics; got days"):
        METRICS.to_numpy("days")


def test_metrics_become_data_frames():
    frame = METRICS.to_pandas()
    assert frame.index.name == "epoch"
    assert frame.loc[1, "loss"] == 2.5
    assert METRICS.to_pandas("steps")["train/loss"].tolist()[:2] == [4.0, 3.0]
    assert Metrics().to_pandas().empty


def test_without_pandas_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(RunError, match=r"pandas is not installed.*latelier\[pandas\]"):
        METRICS.to_pandas()


def test_metrics_show_themselves():
    assert repr(METRICS) == "Metrics(2 epochs, 4 steps: loss, counts)"
    html = METRICS._repr_html_()
    assert "<th>loss</th>" in html
    assert "counts" not in html  # a list is no cell


def test_a_run_shows_state_metrics_and_map(finished):
    html = finished._repr_html_()
    assert "completed" in html
    assert "clustering_accuracy" in html
    assert "latelier serve" in html
    (data,) = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert max(image.size) <= 360
    assert len(html) < 200_000


def test_a_run_without_a_map_shows_no_picture(bare_run):
    assert "<img" not in latelier.Run(bare_run)._repr_html_()


def test_a_list_of_runs_is_a_table(finished, tmp_path):
    runs = latelier.list_runs(finished.path.parent)
    assert [row.run_id for row in runs] == [finished.id]
    assert repr(runs).splitlines()[0].split() == [
        "run", "name", "state", "model", "data", "epoch", "loss",
    ]  # fmt: skip
    assert "3/3" in repr(runs).splitlines()[1]
    assert finished.id in runs._repr_html_()
    assert latelier.list_runs(tmp_path / "none") == []
    assert "<script>" not in runs._repr_html_()
    assert finished.id in runs[0]._repr_html_()


def test_outputs_show_shapes_and_losses_numbers():
    html = AEOutput(torch.zeros(2, 1, 3, 3), torch.zeros(2, 4))._repr_html_()
    assert "<td>x_hat</td><td>[2, 1, 3, 3]</td><td>float32</td><td>cpu</td>" in html
    part = VAEOutput(*(torch.zeros(2, 1, 3) for _ in range(4)))
    assert "<td>output2.mu</td>" in AdaGVAEOutput(part, part)._repr_html_()
    loss = LossResult(torch.tensor(1.5), {"recon": torch.tensor(0.5), "counts": torch.ones(7)})
    html = loss._repr_html_()
    assert "<td>objective</td><td>1.5</td>" in html
    assert "<td>recon</td><td>0.5</td>" in html
    assert "<td>counts</td><td>[7]</td>" in html
