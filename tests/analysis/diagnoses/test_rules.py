from __future__ import annotations

import orjson

from latelier.analysis.diagnoses import RULES, EpochFacts, RunFacts, diagnose


def test_every_rule_is_checked_and_says_why_where_it_does_not_apply():
    payload = diagnose(RunFacts({}, 10)).payload()
    assert payload["findings"] == []
    assert [one["rule"] for one in payload["checked"]] == [rule.name for rule in RULES]
    assert len({rule.name for rule in RULES}) == 7
    assert all(one["applies"] is False and one["why"] for one in payload["checked"])


def test_findings_come_by_onset_and_survive_json():
    latents = [
        EpochFacts(0, 0, 0.1, 0.1),
        EpochFacts(1, 10, 1.0, 1.0, active=(True, True), prior_norm=1.4, hole_mass=0.9),
        EpochFacts(2, 20, 9.0, 9.0, active=(True, True), prior_norm=1.4, hole_mass=0.9),
        EpochFacts(3, 30, 9.0, 9.0, active=(False, False), prior_norm=1.4, hole_mass=0.9),
    ]
    payload = diagnose(RunFacts({"objective": {"beta": 1.0}}, 10, latents)).payload()
    read = orjson.loads(orjson.dumps(payload))
    told = [(one["rule"], one["epoch"], one["step"]) for one in read["findings"]]
    assert told == [
        ("prior_holes", 1, 10), ("exploding_norms", 2, 20), ("posterior_collapse", 3, 30),
    ]  # fmt: skip
    for one in read["findings"]:
        assert set(one) == {
            "rule", "severity", "epoch", "step", "title", "text", "evidence", "knob",
        }  # fmt: skip
        assert one["severity"] in {"warning", "problem"}
        assert set(one["knob"]) == {"key", "advice"}
        assert one["title"]
        assert one["text"].endswith(".")
    by_rule = {one["rule"]: one for one in read["checked"]}
    assert by_rule["posterior_collapse"] == {"rule": "posterior_collapse", "applies": True}
    assert by_rule["dead_components"]["applies"] is False
