"""All scores at once."""

from __future__ import annotations

from known_codes import Codes

from latelier.analysis.disentanglement import (
    dci,
    factor_scores,
    irs,
    mutual_information_gap,
    sap,
)

NAMES = ("shape", "scale", "x", "hue")


def test_the_payload_holds_every_score(known: Codes) -> None:
    payload = factor_scores(known.mixed, known.factors, seed=2).payload(NAMES)
    z, v = known.mixed, known.factors
    assert payload["points"] == len(v)
    assert payload["factors"] == list(NAMES)
    assert payload["mig"] == mutual_information_gap(z, v).value
    assert payload["sap"] == sap(z, v, seed=2).value
    assert payload["irs"] == irs(z, v).value
    assert payload["dci"]["disentanglement"] == dci(z, v, seed=2).disentanglement
    assert set(payload["dci"]) == {"disentanglement", "completeness", "informativeness"}
    for name in ("mutual_information", "importance", "predictability", "robustness"):
        assert payload[name].shape == (4, 4), name
    for name in ("gaps", "entropy", "accuracy"):
        assert payload[name].shape == (4,), name


def test_every_score_tells_a_perfect_code_from_a_useless_one(known: Codes) -> None:
    perfect, useless = (
        factor_scores(z, known.factors).payload(NAMES) for z in (known.perfect, known.useless)
    )
    for name in ("mig", "sap", "beta_vae", "factor_vae", "modularity", "irs"):
        assert 0.9 < perfect[name] <= 1.0, name
        assert 0.0 <= useless[name] < 0.8, name
