"""What a listing may cost: no heavy import, a thousand runs in a fraction of a second."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time

import orjson

from latelier.runs import RunRecord, RunStore

HEAVY = ("torch", "numpy", "pydantic", "yaml", "matplotlib", "PIL")


def _python(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_record_is_read_without_heavy_libraries(store: RunStore, record: RunRecord) -> None:
    code = f"""
import sys
from latelier.runs import RunStore
rows = RunStore(sys.argv[1]).list()
record = RunStore(sys.argv[1]).open(rows[0].run_id)
record.metrics(), record.config(), list(record.events())
print([name for name in {HEAVY} if name in sys.modules])
"""
    assert _python(code, str(store.root)) == "[]\n"


def test_a_thousand_runs_are_listed_in_a_fraction_of_a_second(
    store: RunStore, record: RunRecord
) -> None:
    summary = orjson.loads(record.read_bytes("summary"))
    for number in range(999):
        folder = store.root / f"{record.id[:-4]}{number:04}"
        folder.mkdir()
        (folder / "summary.json").write_bytes(orjson.dumps(summary))
        shutil.copyfile(record.path_of("config"), folder / "config.json")
    best = 9.0
    for _ in range(3):
        begin = time.process_time()  # what others do on this machine does not count
        assert len(store.list()) == 1000
        best = min(best, time.process_time() - begin)
    assert best < 0.2
