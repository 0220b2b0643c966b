"""Clerks' passwords: argon2id, with the parameters that the library keeps up to date."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PASSWORD_MIN = 8
PASSWORD_MAX = 200
_hasher = PasswordHasher()


def bad_password(password: str) -> str | None:
    """Say what is wrong with a new password, or None."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        return f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters"
    return None


def hash_password(password: str) -> str:
    """Return what is kept of a password; it takes some 50 ms, on purpose."""
    return _hasher.hash(password)


def password_fits(password_hash: str, password: str) -> bool:
    """Whether this is the password that the hash was made of."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
