from __future__ import annotations

import torch

from latelier.training import (
    BatchHistory,
    MetricsHistory,
    ModelHistory,
    PhaseStarted,
    StepEnded,
    StepStarting,
    train,
)


def test_histories_hold_copies_of_every_step(open_tiny):
    session = open_tiny("ae", schedule={"steps": 3})
    batches, models, metrics = BatchHistory(), ModelHistory(), MetricsHistory()
    session.signals.subscribe(StepStarting, models)
    session.signals.subscribe(StepEnded, batches)
    session.signals.subscribe(StepEnded, metrics)
    train(session)
    assert [step for step, _ in batches.batches] == [0, 1, 2]
    assert [step for step, _ in models.states] == [0, 1, 2]
    assert [step for step, *_ in metrics.rows] == [0, 1, 2]
    expected = [batch.indices.tolist() for batch in session.batches(1, 0)]
    assert [batch.indices.tolist() for _, batch in batches.batches] == expected
    first, last = models.states[0][1], models.states[2][1]
    assert any(not torch.equal(first[name], last[name]) for name in first)
    assert all(set(row[2]) == {"log_likelihood"} for row in metrics.rows)
    assert metrics.rows[0][1] == -metrics.rows[0][2]["log_likelihood"]


def test_the_start_of_a_phase_shows_the_model_as_it_is_then(open_tiny):
    plain, watched = (
        open_tiny("vae", schedule={"steps": 4}),
        open_tiny("vae", schedule={"steps": 4}),
    )
    seen = []

    def look(signal: PhaseStarted) -> None:
        assert not signal.inference.mu.requires_grad
        seen.append((signal.step, signal.validation, signal.inference, signal.inference))

    watched.signals.subscribe(PhaseStarted, look)
    start = {name: value.clone() for name, value in watched.model.state_dict().items()}
    for session in (plain, watched):
        torch.manual_seed(0)
        train(session)
    ((step, validation, first, again),) = seen
    assert (step, first is again) == (0, True)
    assert torch.equal(validation.indices, watched.validation_batch().indices)
    watched.model.load_state_dict(start)
    watched.model.eval()
    assert torch.equal(watched.model(validation.fed).mu, first.mu)
    for a, b in zip(plain.optimizer.state_dict()["state"].values(),
                    watched.optimizer.state_dict()["state"].values(), strict=True):  # fmt: skip
        assert torch.equal(a["exp_avg"], b["exp_avg"])
