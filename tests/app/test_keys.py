"""The house key: made once, guarded, and the only one that signs."""

import os
import stat
import string
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.keys import (
    HouseKey,
    KeyTrouble,
    make_key,
    public_path,
    read_key,
    read_public_key,
)
from core.payments import Ticket, TicketState
from core.receipts import SIGNATURE_LENGTH, read_order_code, read_ticket_code, ticket_code

TEXT = "B1.1.2.3.4"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "house.key"
    assert make_key(made)
    return made


@pytest.fixture
def key(path: Path) -> HouseKey:
    return read_key(path)


def test_the_file_is_its_owners_alone(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_making_it_again_keeps_it_and_brings_the_public_half_back(path: Path) -> None:
    before = path.read_bytes()
    public = public_path(path).read_bytes()
    public_path(path).unlink()
    assert not make_key(path)
    assert path.read_bytes() == before
    assert public_path(path).read_bytes() == public


def test_killed_before_the_key_was_whole_it_is_made_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "house.key"

    def killed(_file: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            make_key(path)
    assert not path.exists()
    assert make_key(path)
    assert read_key(path).verify(TEXT, read_key(path).sign(TEXT))
    assert {one.name for one in tmp_path.iterdir()} == {"house.key", "house.key.pub"}


def test_a_key_that_another_made_meanwhile_is_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "exists", lambda _path: False)
        assert not make_key(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PUB"])
def test_a_public_half_that_is_not_whole_is_written_anew(path: Path, content: bytes) -> None:
    public_path(path).write_bytes(content)
    make_key(path)
    assert public_path(path).read_bytes() == read_key(path).pem()


def test_the_public_half_of_a_lost_key_is_kept(path: Path) -> None:
    """Tickets sold under that key are verified by it."""
    public = public_path(path).read_bytes()
    path.unlink()
    assert make_key(path)
    assert public_path(path).read_bytes() == public


@pytest.mark.parametrize("ticket_no", [1, 999, 1_000, 9_999])
def test_a_ticket_code_says_what_was_signed(key: HouseKey, ticket_no: int) -> None:
    ticket = Ticket(1, 2, ticket_no, "p", 4, 100, 0, TicketState.VALID, None, "")
    code = ticket_code(ticket, key)
    assert code.startswith(f"B1.1.2.{ticket_no}.4.")
    name = read_ticket_code(code, key)
    assert name is not None
    assert (name.show_id, name.order_no, name.ticket_no, name.fare_no) == (1, 2, ticket_no, 4)


def test_codes_are_in_plain_digits(key: HouseKey) -> None:
    text = "B1.\u0661.2.3.4"  # An Arabic one.
    assert read_ticket_code(f"{text}.{key.sign('B1.1.2.3.4')}", key) is None
    assert read_order_code("1-2-AAAA") == (1, 2, "AAAA")
    assert read_order_code("\u0661-2-AAAA") is None


def test_what_it_signs_its_public_half_verifies(path: Path, key: HouseKey) -> None:
    signature = key.sign(TEXT)
    assert len(signature) == SIGNATURE_LENGTH
    assert key.sign(TEXT) == signature
    public = read_public_key(public_path(path))
    assert public.verify(TEXT, signature)
    assert not public.verify(TEXT + "0", signature)


def test_no_other_character_anywhere_is_verified(key: HouseKey) -> None:
    signature = key.sign(TEXT)
    for place, right in enumerate(signature):
        for wrong in set(string.ascii_uppercase + "234567") - {right}:
            assert not key.verify(TEXT, signature[:place] + wrong + signature[place + 1 :])


@pytest.mark.parametrize(
    "signature", ["", "A", "A" * 102, "A" * 104, "1" * 103, "é" * 103, "=" * 9]
)
def test_what_is_no_signature_is_refused_quietly(key: HouseKey, signature: str) -> None:
    assert not key.verify(TEXT, signature)


def test_another_houses_signature_is_refused(key: HouseKey, tmp_path: Path) -> None:
    make_key(tmp_path / "other.key")
    assert not key.verify(TEXT, read_key(tmp_path / "other.key").sign(TEXT))


def test_seeds_are_secret_per_show_and_per_house_and_stay(key: HouseKey, tmp_path: Path) -> None:
    make_key(tmp_path / "other.key")
    seed = key.seed("lua-nova")
    assert len(seed) == 64
    assert set(seed) <= set(string.hexdigits.lower())
    assert seed == key.seed("lua-nova")
    assert seed not in {key.seed("lua-nov"), read_key(tmp_path / "other.key").seed("lua-nova")}


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="bilheteria init"):
        read_key(tmp_path / "none.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_key_that_others_may_read_is_refused(path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        read_key(path)


def rsa() -> bytes:
    key = generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"-----BEGIN PRIVATE KEY-----\nAA\n", rsa()])
def test_what_is_no_house_key_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(KeyTrouble, match="no Ed25519 key"):
        read_key(path)


def test_a_private_key_is_no_public_key(path: Path) -> None:
    with pytest.raises(KeyTrouble, match="public key"):
        read_public_key(path)


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="can't be read"):
        read_key(tmp_path)
    with pytest.raises(KeyTrouble, match="can't be written"):
        make_key(tmp_path / "none" / "house.key")
