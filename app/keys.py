"""The house key: signs tickets, verifies them, and seeds the opening draws.

`init` makes it: an Ed25519 key in a PEM file that only its owner may read, and beside it the public
half (`.pub`), which may go anywhere tickets are verified. Whoever loses the key can't sign what the
old public key verifies, and can't run a draw that was committed to: back it up apart from the
database.
"""

import binascii
import hmac
import os
import tempfile
from base64 import b32decode, b32encode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_OTHERS = 0o077
_FILE_MAX = 10_000
_NAME_DIGITS = 16
_SEED_LABEL = b"bilheteria draw seed 1\n"


class KeyTrouble(Exception):
    """The key file is missing, open to others, or no key. The message says what to do."""


class HousePublicKey:
    """A `core.ports.Verifier`."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def verify(self, text: str, signature: str) -> bool:
        """Say whether the signature (base 32) is the house's for the text."""
        try:
            raw = b32decode(signature + "=")
            if _base32(raw) != signature:
                return False  # The last character carries bits that no signature has.
            self._key.verify(raw, text.encode())
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    @property
    def name(self) -> str:
        """What tells this house from others where it is known by name alone: at providers."""
        return sha256(self._key.public_bytes_raw()).hexdigest()[:_NAME_DIGITS]

    def pem(self) -> bytes:
        """Return the key as it is kept in the `.pub` file."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class HouseKey(HousePublicKey):
    """A `core.ports.Signer`, and a `Verifier` of what it signed."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        super().__init__(key.public_key())
        self._private = key
        self._raw = key.private_bytes_raw()

    def sign(self, text: str) -> str:
        """Return the Ed25519 signature of the text in base 32, 103 characters, no padding."""
        return _base32(self._private.sign(text.encode()))

    def seed(self, name: str) -> str:
        """Return the secret draw seed of the show with this slug: 64 hexadecimal digits."""
        return hmac.digest(self._raw, _SEED_LABEL + name.encode(), "sha256").hex()


def _base32(raw: bytes) -> str:
    return b32encode(raw).decode("ascii").rstrip("=")


def public_path(path: Path) -> Path:
    """Return where the public half of a key file lies."""
    return path.with_name(path.name + ".pub")


def make_key(path: Path) -> bool:
    """Make a key file and its public half, unless they are there; say whether the key is new.

    The key is whole before it gets its name, and no key that has the name is ever replaced.
    """
    try:
        new = not path.exists() and _place(path, Ed25519PrivateKey.generate())
    except OSError as lost:
        message = f"the key file {path} can't be written ({lost.strerror}): give another key_file"
        raise KeyTrouble(message) from lost
    write_public_key(path)
    return new


def _place(path: Path, key: Ed25519PrivateKey) -> bool:
    """Write a key under a passing name, then give it its own; False if another has that."""
    opened, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(opened, "wb") as file:  # Its owner's alone: mkstemp sees to that.
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)
    except FileExistsError:
        return False
    finally:
        Path(name).unlink()
    return True


def write_public_key(path: Path) -> None:
    """Write the public half beside the key, if there is none that is whole.

    Another key's stays: tickets sold under a key that was lost are verified by it, and `doctor`
    tells that the two do not belong together.
    """
    pem, public = read_key(path).pem(), public_path(path)
    try:
        if not _is_public_key(public):
            public.write_bytes(pem)
    except OSError as lost:
        message = f"the public key {public} can't be written ({lost.strerror})"
        raise KeyTrouble(message) from lost


def _is_public_key(path: Path) -> bool:
    try:
        read_public_key(path)
    except KeyTrouble:
        return False
    return True


def read_key(path: Path) -> HouseKey:
    """Read the house key; `KeyTrouble` says what is wrong with its file."""
    pem = _read(path, "run `bilheteria init`, or set key_file to where the key is")
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        message = f"the key file {path} may be read by others: run `chmod 600 {path}`"
        raise KeyTrouble(message)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise KeyTrouble(_no_key(path)) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(_no_key(path))
    return HouseKey(key)


def read_public_key(path: Path) -> HousePublicKey:
    """Read a public key file, as `init` writes it beside the house key."""
    pem = _read(path, "name the house's public key file")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise KeyTrouble(f"{path} holds no public key: name the house's .pub file") from wrong
    if not isinstance(key, Ed25519PublicKey):
        raise KeyTrouble(f"{path} is no Ed25519 public key: name the house's .pub file")
    return HousePublicKey(key)


def _read(path: Path, advice: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_MAX)
    except FileNotFoundError as lost:
        raise KeyTrouble(f"there is no key file {path}: {advice}") from lost
    except OSError as lost:
        raise KeyTrouble(f"the key file {path} can't be read ({lost.strerror}): {advice}") from lost


def _no_key(path: Path) -> str:
    return f"{path} holds no Ed25519 key: put the house key back from its backup"
