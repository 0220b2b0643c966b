"""The opening draw: a fair order for the lobby that anyone can check afterwards.

When a show is published the office commits to a secret seed by publishing its SHA-256. At the
opening the lobby's list of purchase ids is frozen and digested. Only then is the seed revealed:

    list digest = SHA-256(id LF id LF ...), ids sorted
    key(id)     = HMAC-SHA256(seed, list digest LF id)

and the order is that of the keys. Nobody could choose an id to come first, as nobody knew the
seed; and the house could not choose the seed, as it was committed before anyone came.
"""

import hmac
from collections.abc import Iterable, Iterator
from hashlib import sha256

_KEY_BYTES = 32
_BUCKETS = 256


class ListDigest:
    """The digest of a list of ids, fed in sorted order."""

    def __init__(self) -> None:
        self._digest = sha256()
        self._last = ""
        self.count = 0

    def feed(self, ids: Iterable[str]) -> None:
        """Add the next ids; ids out of order raise ValueError, as the digest would mean nothing."""
        for one in ids:
            if one <= self._last:
                message = f"id {one!r} is out of order"
                raise ValueError(message)
            self._last = one
            self._digest.update(one.encode() + b"\n")
            self.count += 1

    def hexdigest(self) -> str:
        """Return the digest of what was fed so far."""
        return self._digest.hexdigest()


def seed_digest(seed: str) -> str:
    """Return what is published of a seed (64 hexadecimal digits) before the draw."""
    return sha256(seed.encode()).hexdigest()


class Order:
    """Sorts a list of ids by their keys, a 256th of it at a time, in little memory.

    Feed every id, then iterate. A million ids take about 60 MB until they are read.
    """

    def __init__(self, seed: str, list_digest: str) -> None:
        self._seed = seed.encode()
        self._prefix = list_digest.encode() + b"\n"
        self._buckets = [bytearray() for _ in range(_BUCKETS)]

    def feed(self, ids: Iterable[str]) -> None:
        """Add ids, in any order."""
        for one in ids:
            name = one.encode()
            key = hmac.digest(self._seed, self._prefix + name, "sha256")
            self._buckets[key[0]] += key + len(name).to_bytes(1, "big") + name

    def __iter__(self) -> Iterator[str]:
        """Yield the ids in drawn order; each bucket is emptied as it is read."""
        for bucket in self._buckets:
            for _, name in sorted(_unpack(bytes(bucket))):
                yield name.decode()
            bucket.clear()


def _unpack(bucket: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(bucket):
        start = at + _KEY_BYTES + 1
        end = start + bucket[start - 1]
        yield bucket[at : start - 1], bucket[start:end]
        at = end
