from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from latelier.config import ConfigError
from latelier.lab.sweeps import ray_address
from latelier.lab.sweeps.executor import ExecutorOptions, make_executor
from latelier.lab.sweeps.ray_address import find_cluster


@contextmanager
def listener(answer: bytes) -> Iterator[str]:
    """Somebody who answers whatever they are told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, suppress(OSError):
                line.recv(100)
                line.sendall(answer)
                line.recv(100)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    for name in ("RAY_ADDRESS", "RAY_USE_TLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))


def test_without_an_address_a_local_cluster_is_meant():
    assert find_cluster(None) is None
    assert find_cluster("local") is None


def test_a_cluster_that_is_not_there_is_said_at_once():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"is not there; got 127\.0\.0\.1") as caught:
        make_executor("ray", ExecutorOptions(address=f"127.0.0.1:{port}"))
    assert time.monotonic() - began < 3
    assert "ray start --head" in str(caught.value)
    with pytest.raises(ConfigError, match=r"nowhere\.invalid:6379"):
        find_cluster("nowhere.invalid:6379")


def test_somebody_else_at_that_address_is_not_waited_for():
    with (
        listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address,
        pytest.raises(ConfigError, match="something else"),
    ):
        find_cluster(address)


def test_somebody_who_speaks_grpc_is_found(monkeypatch):
    settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    with listener(settings) as address:
        assert find_cluster(address) == address
    with listener(settings) as address:
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert find_cluster(None) == address


@pytest.mark.parametrize("address", ["cluster", "10.0.0.1", "ray://10.0.0.1:10001", "host:port"])
def test_an_address_has_host_and_port(address):
    with pytest.raises(ConfigError, match="host:port"):
        find_cluster(address)


def test_auto_is_the_cluster_that_was_started_here(tmp_path):
    with pytest.raises(ConfigError, match="no Ray cluster was found on this machine"):
        find_cluster("auto")
    with listener(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])) as address:
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray" / "ray_current_cluster").write_text(f"{address}\n")
        assert find_cluster("auto") == address


def test_without_ray_the_remedy_is_to_install_it(monkeypatch):
    monkeypatch.setattr(ray_address, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"pip install latelier\[ray\]"):
        make_executor("ray")
