from __future__ import annotations

import io
import pickle

import numpy as np
import torch

from latelier.data.streaming import ArraySource, NpyFile, nbytes

ARRAY = np.random.default_rng(0).integers(0, 256, (20, 1, 3, 3), dtype=np.uint8)
ROWS = np.array([3, 3, 19, 0])


def test_sources_read_rows_in_order(tmp_path):
    np.save(tmp_path / "a.npy", ARRAY)
    file = NpyFile(tmp_path / "a.npy", ARRAY.shape, torch.uint8)
    for source in (ArraySource(ARRAY), file):
        assert torch.equal(source.read(ROWS), torch.from_numpy(ARRAY[ROWS]))
        assert source.shape == (20, 1, 3, 3)
        assert source.dtype == torch.uint8
        assert nbytes(source) == ARRAY.nbytes
    assert nbytes(ArraySource(ARRAY.astype(np.float32))) == 4 * ARRAY.nbytes


def test_a_file_is_sent_to_a_loader_process_by_name(tmp_path):
    big = np.zeros((100_000, 1, 3, 3), dtype=np.uint8)
    np.save(tmp_path / "a.npy", big)
    file = NpyFile(tmp_path / "a.npy", big.shape, torch.uint8)
    file.read(ROWS)
    sent = io.BytesIO()
    pickle.dump(file, sent)  # as a loader process that is spawned receives it
    assert len(sent.getvalue()) < 2000
