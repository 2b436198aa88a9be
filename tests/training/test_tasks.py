"""What tasks tell analysis is what the loss measures."""

from __future__ import annotations

import pytest
import torch

from latelier.training import EpochEnded, execution, train

from .conftest import MODELS


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("step", [0, 11])
def test_anatomy_adds_up_to_the_loss(open_tiny, model, likelihood, step):
    sections = {}
    if model in {"ae", "vae"}:
        sections["objective"] = {"likelihood": likelihood}
    session = open_tiny(model, **sections)
    task, batch = session.task, session.validation_batch()
    session.model.eval()
    with torch.no_grad():
        encoded = task.encode(batch.inputs)
        frame = session.timeline.at(step)  # of a fitted mixture, 0 is in the warm-up
        terms = task.anatomy(batch.inputs, encoded, frame)
        measured = task.loss(batch, frame).measured
    recon = measured.get("recon", -measured.get("log_likelihood", torch.tensor(0.0)))
    assert torch.allclose(terms["recon"].mean(), recon, rtol=1e-4)
    kl = measured.get("kld_z", measured.get("kl_divergence"))
    if kl is not None:
        assert torch.allclose(terms["kl"].sum(1).mean(), kl, rtol=1e-4)
    if "kld_c" in measured:
        assert torch.allclose(terms["kl_c"].mean(), measured["kld_c"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_capabilities_are_what_encode_returns(open_tiny, model):
    session = open_tiny(model)
    session.model.eval()
    with torch.no_grad():
        encoded = session.task.encode(session.validation_batch().inputs)
        decoded = session.task.decode(encoded.z)
    has = session.task.capabilities
    assert ("posterior" in has) == (encoded.log_var is not None)
    assert ("responsibilities" in has) == (encoded.responsibilities is not None)
    assert ("classify" in has) == (encoded.logits is not None)
    assert ("sample" in has) == (session.task.prior(session.last_frame()) is not None)
    assert decoded.shape[1:] == session.dataset.shape


def test_bernoulli_decodes_to_probabilities(open_tiny):
    session = open_tiny("vae", objective={"likelihood": "bernoulli"})
    with torch.no_grad():
        decoded = session.task.decode(torch.randn(5, 3) * 10)
    assert decoded.min() >= 0
    assert decoded.max() <= 1


def test_beta_trades_reconstruction_for_nearness_to_the_prior(open_tiny):
    last = {}
    for beta in (0.01, 1.0, 100.0):
        session = open_tiny("vae", objective={"beta": beta}, schedule={"epochs": 12, "lr": 1e-2})
        session.signals.subscribe(
            EpochEnded, lambda s, beta=beta: last.__setitem__(beta, s.validation)
        )
        with execution(session.config.training, session.threads, session.config.seed):
            train(session)
    divergences = [last[beta]["kl_divergence"] for beta in (0.01, 1.0, 100.0)]
    assert divergences == sorted(divergences, reverse=True)
    assert last[0.01]["log_likelihood"] > last[100.0]["log_likelihood"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("step", [0, 3, 4, 11])  # of a fitted mixture, 4 ends the warm-up
def test_the_prior_is_the_one_that_the_loss_pulls_to(open_tiny, model, step):
    session = open_tiny(model)
    task, batch, frame = session.task, session.validation_batch(), session.timeline.at(step)
    session.model.eval()
    prior = task.prior(frame)
    if model in {"ae", "supervised-ae"}:
        assert prior is None
        return
    with torch.no_grad():
        measured = task.loss(batch, frame).measured
        encoded = task.encode(batch.inputs)
    posterior = torch.distributions.Normal(encoded.z, (encoded.log_var / 2).exp())
    kl = [
        torch.distributions.kl_divergence(
            posterior, torch.distributions.Normal(mu, (log_var / 2).exp())
        ).sum(1)
        for mu, log_var in zip(prior.mu, prior.log_var, strict=True)
    ]
    weights = encoded.responsibilities if len(kl) > 1 else torch.ones(len(encoded.z), 1)
    expected = (weights * torch.stack(kl, 1)).sum(1).mean()
    stated = measured["kld_z"] if "kld_z" in measured else measured["kl_divergence"]
    assert torch.allclose(stated, expected, rtol=1e-4)
    assert len(prior.mu) == (3 if model == "gmvae" or (model == "gmvae-fitted" and step > 3) else 1)


def test_a_prior_is_a_copy_that_later_updates_leave_alone(open_tiny):
    session = open_tiny("gmvae")
    prior = session.task.prior(session.last_frame())
    before = prior.mu.clone()
    with torch.no_grad():
        session.model.component_mu.add_(1.0)
    assert torch.equal(prior.mu, before)
    assert not prior.mu.requires_grad
