"""Fingerprints by which nearly equal texts find each other: simhash of 64 bits.

Charikar (2002) and Manku, Jain and Das Sarma (2007): texts that share most runs of words differ
in few bits. Two fingerprints that differ in fewer bits than there are bands agree in one band
at least, so near ones are looked up by their bands.
"""

import re
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from monazite.desk.store.tables import BANDS

NEAR = BANDS - 1
"""Bits in which the fingerprints of nearly equal texts differ at most. Of pages of 600 words with
five words changed five in six are found, with ten changed two in three; two pages about
different things differ in 23 bits and more (measured on twenty pages)."""
RUN = 2
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
    hashes = b"".join([blake2b(run.encode(), digest_size=_BITS // 8).digest() for run in runs])
    bits = np.unpackbits(np.frombuffer(hashes, dtype=np.uint8).reshape(-1, _BITS // 8), axis=1)
    votes = 2 * bits.sum(axis=0, dtype=np.int64) > len(bits)
    return int.from_bytes(np.packbits(votes).tobytes(), signed=True)


def bands(simhash: int) -> tuple[int, ...]:
    """Return the bands of a fingerprint.

    >>> bands(-1)
    (1023, 2047, 2047, 1023, 2047, 2047)
    """
    whole = simhash & _MASK
    edges = [_BITS * number // BANDS for number in range(BANDS + 1)]
    return tuple((whole >> low) & ((1 << (high - low)) - 1) for low, high in pairwise(edges))


def distance(one: int, other: int) -> int:
    """Return the number of bits in which two fingerprints differ.

    >>> distance(0b101, 0b110)
    2
    """
    return ((one ^ other) & _MASK).bit_count()
