"""Files as they are published, packed by gzip or not."""

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

PACKING_FAULTS = (gzip.BadGzipFile, EOFError, zlib.error)
"""What reading raises where a packed file is damaged or cut off."""

_GZIP = b"\x1f\x8b"


def unpacked(path: Path) -> bytes:
    """Return the content of a file; told by its content, not by its suffix.

    Raises
    ------
    OSError
        If it cannot be opened; the members of `PACKING_FAULTS` if it is damaged.
    """
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(_GZIP) else content


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file that is too large to be read at once; raises as `unpacked` does."""
    with path.open("rb") as file:
        is_packed = file.read(len(_GZIP)) == _GZIP
    return cast(BinaryIO, gzip.open(path)) if is_packed else path.open("rb")
