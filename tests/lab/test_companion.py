from __future__ import annotations

import io
import sys
import time

import numpy as np
import pytest

from latelier.lab.companion import Companion, Unit
from latelier.lab.frames import read_frame, write_frame
from latelier.runs import RunState
from latelier.runs.encoding import dumps
from latelier.runs.liveness import process_start
from latelier.runs.verify import verify

from .conftest import contents, copied

GRIDS = ("posterior_2d_pca", "prior_2d_pca", "prior_minus_posterior_2d_pca", "metric_ratio_2d_pca")

BEGIN = """
import json, os, struct, sys, time

ask, out = sys.stdin.buffer, sys.stdout.buffer

def read_frame(stream):
    header, blob = struct.unpack("<QQ", stream.read(16))
    return json.loads(stream.read(header))

def write_frame(message):
    data = json.dumps(message).encode()
    out.write(struct.pack("<QQ", len(data), 0) + data)
    out.flush()

"""


@pytest.fixture
def record(analyzed, tmp_path):
    """A run whose grids are gone."""
    record = copied(analyzed, tmp_path)
    for epoch in range(4):
        for kind in (*GRIDS, "projection_quality"):
            record.path_of(kind, epoch=epoch).unlink()
            record.path_of(kind, epoch="latest").unlink(missing_ok=True)
    return record


def imitation(body: str) -> tuple[str, ...]:
    """Return the command of a companion that does something else."""
    return (sys.executable, "-S", "-c", BEGIN + body)


def warnings(record):
    return [event.data for event in record.events() if event.type == "log.warning"]


def is_gone(companion: Companion, pid: int) -> bool:
    return companion._process is None and process_start(pid) is None


def test_messages_arrive_as_they_were_sent():
    message = {
        "number": 3,
        "text": "ü",
        "none": None,
        "array": np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3)[:, ::-1],
        "deep": [{"flags": np.array([True, False])}, (np.float32(0.1), np.float64(0.1))],
        "empty": np.zeros((0, 2)),
        "nan": [float("nan"), np.array([np.nan, 1e-7], dtype=np.float32)],
    }
    pipe = io.BytesIO()
    write_frame(pipe, message)
    write_frame(pipe, {"next": 1})
    pipe.seek(0)
    arrived = read_frame(pipe)
    assert dumps(arrived) == dumps(message)
    assert arrived["array"].dtype == np.float32
    assert read_frame(pipe) == {"next": 1}
    with pytest.raises(EOFError):
        read_frame(pipe)


def test_a_companion_makes_what_is_made_on_the_spot(record, analyzed):
    with record.own() as writer:
        companion = Companion(writer)
        for epoch in range(4):
            companion.submit(Unit(epoch, "plane_pca"))
        assert companion.waiting(Unit(3, "plane_pca"))
        companion.finish()
    assert companion.lost == []
    made, wanted = contents(record), contents(analyzed)
    assert [name for name in wanted if made.get(name) != wanted[name]] == []
    assert verify(record) == []
    told = [event for event in record.events() if event.type == "artifact.created"]
    assert told[-1].epoch == 3
    assert warnings(record) == []


def test_a_companion_that_crashes_costs_a_warning_and_nothing_else(record):
    crash = "read_frame(ask); print('out of memory', file=sys.stderr); os._exit(7)"
    with record.own() as writer:
        companion = Companion(writer, imitation(crash))
        for epoch in range(4):
            companion.submit(Unit(epoch, "plane_pca"))
        companion.finish()
    assert len(companion.lost) == 4
    told = warnings(record)
    assert len(told) == 2  # then it is left alone
    assert {data["code"] for data in told} == {"companion_crashed"}
    assert "code 7: out of memory" in told[0]["message"]
    assert f"latelier backfill {record.id}" in told[0]["message"]
    assert not record.has("posterior_2d_pca", epoch=0)


def test_a_crash_in_between_loses_one_unit_only(record, tmp_path):
    flag = tmp_path / "crashed"
    body = (
        f"flag = {str(flag)!r}\n"
        "while True:\n"
        "    job = read_frame(ask)\n"
        "    if job['epoch'] == 1 and not os.path.exists(flag):\n"
        "        open(flag, 'w').close(); os._exit(1)\n"
        "    write_frame({'answer': 'product', 'kind': 'posterior_2d_pca',\n"
        "        'keys': {'epoch': job['epoch']}, 'payload': {'of': job['unit']},\n"
        "        'compute_ms': 1.0})\n"
        "    write_frame({'answer': 'done'})\n"
    )
    with record.own() as writer:
        companion = Companion(writer, imitation(body))
        for epoch in range(3):
            companion.submit(Unit(epoch, "plane_pca"))
        companion.finish()
    assert companion.lost == [Unit(1, "plane_pca")]
    assert record.epochs("posterior_2d_pca") == [0, 2]
    assert record.read_json("posterior_2d_pca", epoch=2)["of"] == "plane_pca"
    assert len(warnings(record)) == 1


def test_what_fails_says_why_and_the_next_unit_is_made(record):
    with record.own() as writer:
        companion = Companion(writer)
        companion.submit(Unit(9, "plane_pca"))  # there is no such epoch
        companion.submit(Unit(1, "plane_pca"))
        companion.finish()
    assert companion.lost == [Unit(9, "plane_pca")]
    assert record.has("projection_quality", epoch=1)
    (told,) = warnings(record)
    assert told["code"] == "companion_failed"
    assert "has no latents/latents_epoch_9.safetensors" in told["message"]


def test_closing_drops_what_has_not_begun_and_leaves_no_process(record):
    with record.own() as writer:
        companion = Companion(writer, imitation("read_frame(ask); time.sleep(60)"))
        for epoch in range(3):
            companion.submit(Unit(epoch, "plane_pca"))
        while companion._process is None:
            time.sleep(0.01)
        pid = companion._process.pid
        started = time.monotonic()
        companion.close(grace=0.2)
        assert time.monotonic() - started < 5
        assert is_gone(companion, pid)
        companion.close()  # twice is fine
    assert companion.lost == [Unit(epoch, "plane_pca") for epoch in range(3)]
    assert warnings(record) == []  # whoever closes says it


def test_what_has_begun_is_finished_when_the_rest_is_dropped(record):
    body = (
        "job = read_frame(ask); time.sleep(0.3)\nwrite_frame({'answer': 'done'}); read_frame(ask)\n"
    )
    with record.own() as writer:
        companion = Companion(writer, imitation(body))
        for epoch in range(2):
            companion.submit(Unit(epoch, "plane_pca"))
        while companion._process is None:
            time.sleep(0.01)
        companion.close(grace=10)
    assert companion.lost == [Unit(1, "plane_pca")]


def test_finishing_can_be_stopped(record):
    with record.own() as writer:
        companion = Companion(writer, imitation("read_frame(ask); os._exit(0)"))
        companion.submit(Unit(0, "plane_pca"))
        companion.finish(stop=lambda: True)
    assert companion.lost == [Unit(0, "plane_pca")]


def test_progress_is_told(record):
    body = (
        "read_frame(ask)\n"
        "for done in (0.1, 0.2, 1.0): write_frame({'answer': 'progress', 'done': done})\n"
        "write_frame({'answer': 'done'}); read_frame(ask)\n"
    )
    with record.own() as writer:
        companion = Companion(writer, imitation(body))
        companion.submit(Unit(2, "umap"))
        companion.finish()
    told = [event for event in record.events() if event.type == "projection.progress"]
    assert [event.data for event in told] == [
        {"method": "umap", "done": 0.1},
        {"method": "umap", "done": 1.0},
    ]
    assert {event.epoch for event in told} == {2}


def test_a_companion_that_cannot_be_started_costs_a_warning(record):
    with record.own() as writer:
        companion = Companion(writer, ("/nowhere/python",))
        companion.submit(Unit(0, "plane_pca"))
        companion.finish()
    assert companion.lost == [Unit(0, "plane_pca")]
    assert warnings(record)[0]["code"] == "companion_crashed"


def test_a_run_without_a_companion_starts_none(record):
    with record.own() as writer:
        companion = Companion(writer)
        companion.finish()
        companion.close()
    assert companion._thread is None
    assert record.summary().state == RunState.COMPLETED
