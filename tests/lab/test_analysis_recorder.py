from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from latelier.lab.analysis_recorder import snapshot_steps
from latelier.lab.launch import fit

from .conftest import TINY


@given(count=st.integers(0, 64), steps=st.integers(1, 5000))
@settings(deadline=None, max_examples=50)
def test_frames_are_capped_different_and_in_geometric_progression(count, steps):
    frames = sorted(snapshot_steps(count, steps))
    assert len(frames) <= count
    assert all(1 <= frame < steps for frame in frames)
    if count > 1 and steps > 2:
        assert (frames[0], frames[-1]) == (1, steps - 1)
        gaps = [after - before for before, after in pairwise(frames)]
        assert all(after >= before - 1 for before, after in pairwise(gaps))


def test_frames_are_recorded_beside_their_epoch(tmp_path):
    analysis = {**TINY["analysis"], "snapshots": 2}
    run = fit({**TINY, "schedule": {"epochs": 1}, "analysis": analysis}, runs_dir=tmp_path)
    for step in snapshot_steps(2, 4):
        assert run.record.read_json("latent_2d_pca", epoch=0, step=step)["step"] == step
    assert run.record.epochs("latent_2d_pca") == [0, 1]
