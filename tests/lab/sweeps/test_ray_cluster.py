from __future__ import annotations

import os

import pytest

from latelier.config import ConfigError
from latelier.lab.sweeps.ray_cluster import Share, _environment, share_out


@pytest.mark.parametrize(
    ("there", "wanted", "cpus", "uses_gpu", "share"),
    [
        ({"CPU": 8}, None, 1, True, Share(8, 1, 0)),
        ({"CPU": 8}, 3, 1, True, Share(3, 1, 0)),
        ({"CPU": 8}, None, 3, True, Share(2, 3, 0)),
        ({"CPU": 16, "GPU": 4}, None, 1, True, Share(4, 1, 1)),
        ({"CPU": 16, "GPU": 4}, 2, 1, True, Share(2, 1, 1)),
        ({"CPU": 16, "GPU": 4}, 6, 1, True, Share(6, 1, 0.5)),
        ({"CPU": 16, "GPU": 1}, 3, 1, True, Share(3, 1, 1 / 3)),
        ({"CPU": 16, "GPU": 4}, None, 1, False, Share(16, 1, 0)),
    ],
)
def test_workers_share_a_cluster(there, wanted, cpus, uses_gpu, share):
    assert share_out(there, wanted=wanted, cpus=cpus, uses_gpu=uses_gpu) == share


def test_a_cluster_that_is_too_small():
    with pytest.raises(ConfigError, match="got 2 processors; expected at least 4"):
        share_out({"CPU": 2}, wanted=None, cpus=4, uses_gpu=False)
    with pytest.raises(ConfigError, match="got 0 processors"):
        share_out({}, wanted=1, cpus=1, uses_gpu=False)


def test_the_environment_is_put_back(monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    with _environment({"RAY_AUTH_TOKEN": "secret"}):
        os.environ["RAY_AUTH_MODE"] = "changed by Ray"
        assert os.environ["RAY_AUTH_TOKEN"] == "secret"
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert "RAY_AUTH_TOKEN" not in os.environ
