"""Held-out measurements: of a fair sample, under the weights that were in force."""

from __future__ import annotations

import torch

from latelier.training import EpochEnded, execution, train


def test_the_validation_batch_is_fixed_and_mixed(open_tiny):
    session = open_tiny()
    first, second = session.validation_batch(), session.validation_batch()
    assert torch.equal(first.indices, second.indices)
    assert sorted(first.indices.tolist()) == session.dataset.held_out.tolist()
    assert first.indices.tolist() != session.dataset.held_out.tolist()


def test_epochs_are_validated_under_the_frame_of_their_last_update(open_tiny):
    rows = [{"STEP": 0, "beta::step-end": 0.0}, {"STEP": 4, "beta::step-end": 100.0}, {"STEP": 7}]
    session = open_tiny(schedule={"dopesheet": rows})
    seen = []
    session.signals.subscribe(EpochEnded, lambda s: seen.append(s.validation))
    with execution(session.config.training, 1, 0):
        train(session)
    start, first, second = seen
    assert start["loss"] == -start["log_likelihood"]
    assert abs(first["loss"] + first["log_likelihood"]) < 1e-3
    assert second["loss"] > -second["log_likelihood"] + 1
