"""Fingerprints by which nearly equal texts find each other: simhash of 64 bits.

Charikar (2002) and Manku, Jain and Das Sarma (2007): texts that share most runs of words differ
in few bits. Two fingerprints that differ in fewer bits than there are bands agree in one band
at least, so near ones are looked up by their bands.
"""

import re
from hashlib import blake2b

import numpy as np

from monazite.desk.store.tables import BANDS

NEAR = BANDS - 1
"""Bits in which the fingerprints of nearly equal texts differ at most."""
RUN = 3
"""Words in a row that are compared; characters where words are not parted."""
MOST_RUNS = 20_000
"""Of a longer text the beginning counts."""
_BITS, _MASK = 64, (1 << 64) - 1
_WORDS = re.compile(r"\w+")


def fingerprint(text: str, *, has_words: bool = True) -> int:
    """Return the fingerprint of a text, signed; nought for a text without words.

    Parameters
    ----------
    text : str
        What is compared.
    has_words : bool, optional
        Whether spaces part the words of its language.
    """
    words = _WORDS.findall(text.lower())
    parts = words if has_words else list("".join(words))
    if not parts:
        return 0
    last = min(max(len(parts) - RUN, 0), MOST_RUNS)
    runs = ("\0".join(parts[place : place + RUN]) for place in range(last + 1))
    hashes = b"".join(blake2b(run.encode(), digest_size=_BITS // 8).digest() for run in runs)
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8).reshape(-1, _BITS // 8), axis=1)
    votes = 2 * bits.sum(axis=0, dtype=np.int64) > len(bits)
    return int.from_bytes(np.packbits(votes).tobytes(), signed=True)


def bands(simhash: int) -> tuple[int, ...]:
    """Return the bands of a fingerprint.

    >>> bands(0x0001_0002_0003_0004)
    (4, 3, 2, 1)
    """
    width = _BITS // BANDS
    whole = simhash & _MASK
    return tuple((whole >> (width * number)) & ((1 << width) - 1) for number in range(BANDS))


def distance(one: int, other: int) -> int:
    """Return the number of bits in which two fingerprints differ.

    >>> distance(0b101, 0b110)
    2
    """
    return ((one ^ other) & _MASK).bit_count()
