"""Passwords are kept as argon2id hashes."""

import pytest

from app.passwords import bad_password, hash_password, password_fits


def test_a_password_fits_its_own_hash_only() -> None:
    kept = hash_password("correct horse")
    assert kept.startswith("$argon2id$")
    assert kept != hash_password("correct horse")
    assert password_fits(kept, "correct horse")
    assert not password_fits(kept, "Correct horse")


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$v=19$m=1"])
def test_what_is_no_hash_fits_nothing(kept: str) -> None:
    assert not password_fits(kept, "plain")


@pytest.mark.parametrize(
    ("password", "bad"), [("1234567", True), ("12345678", False), ("x" * 201, True)]
)
def test_how_long_a_password_is(password: str, bad: bool) -> None:
    assert (bad_password(password) is not None) == bad
