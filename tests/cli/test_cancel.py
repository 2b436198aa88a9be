from __future__ import annotations

import threading
import time


def test_a_run_that_trains_stops(cli, make_run):
    record = make_run("created")
    began = threading.Event()

    def train() -> None:
        with record.own() as writer:
            writer.transition("running", total_steps=100)
            began.set()
            until = time.monotonic() + 10
            while not record.cancel_requested() and time.monotonic() < until:
                time.sleep(0.01)
            writer.transition("cancelled", step=17, epoch=1)

    trainer = threading.Thread(target=train)
    trainer.start()
    began.wait(10)
    result = cli("cancel", record.id)
    trainer.join()

    assert result.exit_code == 0
    assert result.stdout == (
        f"{record.id} is cancelled at step 17. Go on with `latelier resume {record.id}`.\n"
    )


def test_a_run_that_goes_on_is_said_to(cli, make_run):
    record = make_run("created")
    with record.own() as writer:
        writer.transition("running")
        result = cli("cancel", record.id, "--wait", "0")
        assert record.cancel_requested()
        writer.transition("completed")

    assert result.exit_code == 5
    assert "still running after 0 s" in result.stdout


def test_a_run_that_ends_meanwhile_is_not_called_cancelled(cli, make_run, monkeypatch):
    record = make_run("created")

    def complete(*_: object) -> None:
        writer.transition("completed")

    with record.own() as writer:
        writer.transition("running")
        monkeypatch.setattr("latelier.cli.cancel.time.sleep", complete)
        result = cli("cancel", record.id)

    assert result.exit_code == 3
    assert "is completed: it ended before it could be cancelled" in result.stdout


def test_a_run_that_nobody_began_is_cancelled_at_once(cli, make_run):
    record = make_run("created")

    assert cli("cancel", record.id, "--wait", "0").exit_code == 0
    assert record.summary().state == "cancelled"


def test_a_run_that_ended_is_refused(cli, make_run):
    result = cli("cancel", make_run().id)

    assert result.exit_code == 3
    assert "is completed already" in result.stderr


def test_no_such_run(cli, make_run):
    make_run()

    assert cli("cancel", "nothing").exit_code == 4
