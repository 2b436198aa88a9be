"""A folder of images as a data set: one class per subfolder, or all in one place without labels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from latelier.config.errors import DataError
from latelier.data.images import is_color, open_image, pixels
from latelier.data.prepared import Prepared, Progress, read_prepared, write_prepared

SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)
_VERSION = 1  # of what is made of a folder; a new one makes older caches unused
_REMEDY = "it is made anew from the images on the next start."


@dataclass(frozen=True)
class Listing:
    """The image files of a folder, in sorted order of their paths inside it.

    Attributes:
        folder: The folder.
        files: Paths relative to it.
        label_names: Names of the subfolders, sorted; None for a flat folder.
    """

    folder: Path
    files: tuple[Path, ...]
    label_names: tuple[str, ...] | None

    @property
    def labels(self) -> NDArray[np.int64] | None:
        """Label of each file, [N]."""
        if self.label_names is None:
            return None
        number = {name: label for label, name in enumerate(self.label_names)}
        return np.array([number[file.parts[0]] for file in self.files], dtype=np.int64)

    def digest(self, image_size: int | None) -> str:
        """Return a hash of path, names, sizes and times of change: equal means unchanged."""
        stats = [(self.folder / file).stat() for file in self.files]
        rows = [
            (file.as_posix(), stat.st_size, stat.st_mtime_ns)
            for file, stat in zip(self.files, stats, strict=True)
        ]
        key = json.dumps([_VERSION, str(self.folder.resolve()), image_size, rows])
        return hashlib.sha256(key.encode()).hexdigest()[:20]


def list_images(folder: Path) -> Listing:
    """List the images of a folder; hidden files and files that are no images are left out.

    Raises:
        DataError: If the folder is missing or empty, a subfolder has no image, or images lie both
            in subfolders and beside them.
    """
    if not folder.is_dir():
        raise DataError("data.path names no folder", got=str(folder), expected="a folder of images")
    files = sorted(
        (path.relative_to(folder) for path in folder.rglob("*") if _is_shown_image(path, folder)),
        key=lambda file: file.parts,
    )
    if not files:
        raise DataError(
            "the folder has no images",
            got=str(folder),
            expected=f"files that end in {', '.join(sorted(SUFFIXES))}",
        )
    names = sorted(
        path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    if not names:
        return Listing(folder, tuple(files), None)
    _check_classes(files, names)
    return Listing(folder, tuple(files), tuple(names))


def _is_shown_image(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.suffix.lower() in SUFFIXES and not hidden and path.is_file()


def _check_classes(files: list[Path], names: list[str]) -> None:
    loose = [file for file in files if len(file.parts) == 1]
    if loose:
        raise DataError(
            "images lie both in subfolders and beside them",
            got=f"{loose[0]} beside the subfolder {names[0]}",
            expected="a subfolder per class, or no subfolders",
        )
    empty = sorted(set(names) - {file.parts[0] for file in files})
    if empty:
        raise DataError(
            f"a class has no images: the subfolder {empty[0]!r}",
            expected="an image in every subfolder",
            remedy="Fill or remove that subfolder.",
        )


def load_folder(
    folder: Path, image_size: int | None, root: Path, progress: Progress | None = None
) -> tuple[Prepared, tuple[str, ...] | None]:
    """Read a folder of images, from the cache if nothing has changed since.

    Args:
        folder: Images, in subfolders by class or flat.
        image_size: Images are cropped in the middle to a square and resized to this side, in
            pixels; None requires that all have one size. Gray images become RGB if any has color.
        root: Folder of prepared data sets.
        progress: Told how many images are read.

    Returns:
        The prepared images, and the names of the classes (None for a flat folder).

    Raises:
        DataError: If an image is damaged or does not fit the others; the message names the file.
    """
    listing = list_images(folder)
    target = root / "image-folder" / listing.digest(image_size)
    if not (target / "stamp.json").is_file():
        color = _any_color(listing)
        first = _read(listing, 0, image_size, color)
        write_prepared(
            target,
            shape=(len(listing.files), *first.shape),
            blocks=_blocks(listing, image_size, first.shape, color, progress),
            labels=listing.labels,
            meta={"source": f"images in {folder}"},
        )
    return read_prepared(target, remedy=f"Delete {target}; {_REMEDY}"), listing.label_names


def _any_color(listing: Listing) -> bool:
    # A list, not a generator: every file is looked at, so that each unreadable one is found.
    found = [
        is_color(open_image(listing.folder / file, decode=False), str(listing.folder / file))
        for file in listing.files
    ]
    return any(found)


def _read(listing: Listing, at: int, image_size: int | None, color: bool) -> NDArray[Any]:
    path = listing.folder / listing.files[at]
    image = open_image(path, decode=True)
    array = pixels(image, str(path), color=color)
    if image_size is None or array.shape[1:] == (image_size, image_size):
        return array
    flat = Image.fromarray(array.transpose(1, 2, 0) if color else array[0])
    fitted = ImageOps.fit(flat, (image_size, image_size), Image.Resampling.BILINEAR)
    return pixels(fitted, str(path), color=color)


def _blocks(
    listing: Listing,
    image_size: int | None,
    shape: tuple[int, ...],
    color: bool,
    progress: Progress | None,
) -> Iterator[NDArray[Any]]:
    for at, file in enumerate(listing.files):
        array = _read(listing, at, image_size, color)
        if array.shape != shape:
            raise DataError(
                f"images differ in size: {file}",
                got=f"{array.shape[2]}×{array.shape[1]} pixels",
                expected=f"{shape[2]}×{shape[1]} pixels, as {listing.files[0]}",
                remedy="Set data.image_size, to which all are resized.",
            )
        if progress is not None:
            progress(f"images of {listing.folder.name}", at + 1, len(listing.files))
        yield np.ascontiguousarray(array)[None]
