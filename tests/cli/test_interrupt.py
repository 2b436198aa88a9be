from __future__ import annotations

import signal
import threading

import pytest

from latelier.cli.interrupt import stop_on_interrupt


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_to_stop_the_second_aborts(number, capfd):
    before = signal.getsignal(number)

    def interrupt_twice() -> None:
        with stop_on_interrupt() as stop:
            assert not stop()
            signal.raise_signal(number)
            assert stop()
            signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()

    assert "Ctrl-C again aborts at once" in capfd.readouterr().err
    assert signal.getsignal(number) is before


def test_handlers_are_put_back_when_nothing_happens():
    before = signal.getsignal(signal.SIGINT)

    with stop_on_interrupt() as stop:
        assert signal.getsignal(signal.SIGINT) is not before
        assert not stop()

    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_is_left_alone():
    seen = []

    def work() -> None:
        with stop_on_interrupt() as stop:
            seen.append(stop())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [False]
