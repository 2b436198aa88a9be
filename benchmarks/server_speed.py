"""Time the server: its start with many runs, the list, replay and live events, on-demand samples.

Usage: python benchmarks/server_speed.py [--runs 1000] [--events 10000] [--clients 10] [--json]

A real `latelier serve` process is asked over sockets, by a client that reads bytes and parses
nothing. Goals: the first answer at most 1.5 s after the start of the process with 1,000 runs; the
list below 200 ms; 10,000 events replayed in 0.2 s, to ten clients at once in 1 s; an event reaches
a client within 250 ms of its writing in 95 of 100 cases; samples that nobody asked for before are
made by the warm worker, of the default model, within 100 ms from request to answer.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from list_runs import make_runs

from latelier.config import load_config
from latelier.runs import RunRecord, RunStore
from latelier.runs.events import EventLog

GOALS = {
    "first_answer_s": 1.5,
    "list_ms": 200.0,
    "replay_s": 0.2,
    "replay_to_all_s": 1.0,
    "live_p95_ms": 250.0,
    "sample_p95_ms": 100.0,
    "stop_s": 2.0,
}
METRICS = {"scope": "steps", "step": [1, 2, 3], **{f"train/{n}": [0.12345] * 3 for n in "abcdefg"}}


class Client:
    """A connection that speaks just enough HTTP."""

    def __init__(self, where: tuple[str, int], token: str) -> None:
        self._where, self._token = where, token

    def ask(self, path: str, *, stream: bool = False, after: int = 0) -> socket.socket:
        sock = socket.create_connection(self._where, timeout=60)
        accept = "text/event-stream" if stream else "application/json"
        head = [
            f"GET {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self._token}",
            f"Accept: {accept}",
            f"Last-Event-ID: {after}" if stream else "Connection: close",
        ]
        sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        return sock

    def seconds(self, path: str) -> float:
        began = time.perf_counter()
        with self.ask(path) as sock:
            data = b"".join(iter(lambda: sock.recv(1 << 20), b""))
        assert b" 200 OK" in data[:40], data[:200]
        return time.perf_counter() - began

    def make(self, run_id: str, kind: str, **wish: object) -> float:
        """Seconds until an artifact has been made."""
        body = json.dumps(wish).encode()
        head = [
            f"POST /api/runs/{run_id}/artifacts/{kind} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self._token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        began = time.perf_counter()
        with socket.create_connection(self._where, timeout=120) as sock:
            sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode() + body)
            data = b"".join(iter(lambda: sock.recv(1 << 16), b""))
        assert b" 200 OK" in data[:40], data[-500:]
        assert b'"cached":false' in data, data[-500:]
        return time.perf_counter() - began

    def replay(self, run_id: str, last: int) -> float:
        """Seconds until the event with that id has arrived."""
        end, tail = b"\nid: %d\n" % last, b""
        began = time.perf_counter()
        with self.ask(f"/api/runs/{run_id}/events", stream=True) as sock:
            while end not in tail:
                tail = tail[-64:] + sock.recv(1 << 20)
        return time.perf_counter() - began


def write_events(record: RunRecord, count: int) -> None:
    log = EventLog(record.path_of("events"), record.id)
    while log.last_id < count:
        log.append("train.metrics", METRICS, step=0, epoch=0)
    log.close()


@contextmanager
def serving(root: str) -> Iterator[tuple[Client, float, subprocess.Popen[str]]]:
    """A server, and when its process was started."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "latelier", "serve", root, "--port", "0", "--no-open", "--no-warm"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    url = urlsplit(process.stdout.readline().strip())
    try:
        token = url.query.removeprefix("token=")
        yield Client((str(url.hostname), int(url.port or 0)), token), began, process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def live_latencies(client: Client, record: RunRecord, count: int = 100) -> list[float]:
    """Milliseconds from the writing of an event to its arrival."""
    log = EventLog(record.path_of("events"), record.id)
    after = log.last_id
    arrived: dict[int, float] = {}
    ready = threading.Event()

    def listen() -> None:
        with client.ask(f"/api/runs/{record.id}/events", stream=True, after=after) as sock:
            text = b""
            while len(arrived) < count:
                text += sock.recv(1 << 16)
                now = time.perf_counter()
                ready.set()
                for number in re.findall(rb"id: (\d+)\n", text):
                    arrived.setdefault(int(number), now)

    listener = threading.Thread(target=listen)
    listener.start()
    ready.wait(10)
    written = {}
    for _ in range(count):
        number = log.append("train.metrics", METRICS, step=0, epoch=0)
        written[number] = time.perf_counter()
        time.sleep(0.017)
    listener.join(10)
    log.close()
    return [1000 * (arrived[number] - written[number]) for number in written]


def first_answers(root: str, repeats: int) -> list[float]:
    times = []
    for _ in range(repeats):
        with serving(root) as (client, began, _process):
            client.seconds("/api/runs")
            times.append(time.perf_counter() - began)
    return times


def sample_times(client: Client, run_id: str) -> tuple[float, list[float]]:
    """Milliseconds of the first sample, which starts the worker, and of those after it."""
    first = client.make(run_id, "posterior_local", epoch=2, idx=0, m=16)
    times = [client.make(run_id, "posterior_local", epoch=2, idx=i, m=16) for i in range(1, 21)]
    times += [client.make(run_id, "prior_component", epoch=2, c=c, m=16) for c in range(10)]
    times += [client.make(run_id, "traversal", epoch=2, idx=0, d=d, m=16) for d in range(2)]
    return 1000 * first, [1000 * seconds for seconds in times]


def train_default(root: str) -> str:
    """Train the default preset for two epochs; returns the run's id."""
    from latelier.lab.launch import fit

    changes = ("schedule.epochs=2", "model.warmup_epochs=1", "analysis.enabled=false")
    return fit(load_config("lab/mnist5k-gmvae", changes), runs_dir=Path(root)).id


def measure(runs: int, events: int, clients: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        make_runs(Path(folder), runs)
        record = RunStore(folder).create(
            {"seed": 0}, label="many events", model_kind="vae", dataset="digits"
        )
        write_events(record, events)
        trained = train_default(folder)
        starts = first_answers(folder, 3)
        with serving(folder) as (client, _, process):
            listing = [client.seconds("/api/runs") for _ in range(6)][1:]
            alone = [client.replay(record.id, events) for _ in range(4)][1:]
            together = _together(client, record.id, events, clients)
            latencies = live_latencies(client, record)
            first_sample, samples = sample_times(client, trained)
            stop = _stop(client, record.id, process)
        return {
            "runs": runs,
            "events": events,
            "clients": clients,
            "first_answer_s": statistics.median(starts),
            "list_ms": 1000 * statistics.median(listing),
            "replay_s": statistics.median(alone),
            "replay_to_all_s": together,
            "live_p50_ms": statistics.median(latencies),
            "live_p95_ms": sorted(latencies)[int(0.95 * len(latencies))],
            "first_sample_ms": first_sample,
            "sample_p50_ms": statistics.median(samples),
            "sample_p95_ms": sorted(samples)[int(0.95 * len(samples))],
            "stop_s": stop,
        }


def _together(client: Client, run_id: str, events: int, clients: int) -> float:
    """Seconds until the last of several clients has everything."""
    threads = [
        threading.Thread(target=client.replay, args=(run_id, events)) for _ in range(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _stop(client: Client, run_id: str, process: subprocess.Popen[str]) -> float:
    """Seconds from Ctrl-C to the end of the process, with three streams open."""
    socks = [client.ask(f"/api/runs/{run_id}/events", stream=True) for _ in range(3)]
    for sock in socks:
        sock.recv(100)
    began = time.perf_counter()
    process.send_signal(2)
    process.wait(30)
    for sock in socks:
        sock.close()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.runs, options.events, options.clients)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        goal = GOALS.get(name)
        kept = "" if goal is None else f"goal {goal:g}: {'kept' if value < goal else 'NOT KEPT'}"
        print(f"{name:<16} {value:10.3f}  {kept}")


if __name__ == "__main__":
    main()
