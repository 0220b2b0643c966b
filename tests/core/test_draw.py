"""The opening draw: the same order from the same list, whoever computes it, and no other."""

import hmac
from dataclasses import replace
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.caretaker import verify_draw
from core.draw import ListDigest, Order, seed_digest
from core.views import ShowView

IDS = st.lists(st.text("abcdef0123456789-", min_size=1, max_size=64), unique=True, max_size=60)
SEED = sha256(b"seed").hexdigest()


def by_hand(seed: str, ids: list[str]) -> tuple[str, list[str]]:
    """The draw as docs tell anyone to compute it: list digest and order."""
    digest = sha256("".join(f"{one}\n" for one in sorted(ids)).encode()).hexdigest()
    keys = {
        one: hmac.new(seed.encode(), f"{digest}\n{one}".encode(), "sha256").digest() for one in ids
    }
    return digest, sorted(ids, key=keys.__getitem__)


def draw(seed: str, digest: str, ids: list[str]) -> list[str]:
    order = Order(seed, digest)
    order.feed(ids)
    return list(order)


@given(ids=IDS, seed=st.randoms(use_true_random=False))
def test_any_permutation_of_the_ids_gives_the_same_order(ids: list[str], seed: Random) -> None:
    digest, order = by_hand(SEED, ids)
    listed = ListDigest()
    listed.feed(sorted(ids))
    assert (listed.hexdigest(), listed.count) == (digest, len(ids))
    assert draw(SEED, digest, ids) == order
    assert draw(SEED, digest, seed.sample(ids, len(ids))) == order


@given(ids=IDS, cut=st.integers(0, 60))
def test_a_list_fed_in_pages_is_the_same_list(ids: list[str], cut: int) -> None:
    ids.sort()
    paged = ListDigest()
    paged.feed(ids[:cut])
    paged.feed(ids[cut:])
    assert paged.hexdigest() == by_hand(SEED, ids)[0]


@pytest.mark.parametrize("ids", [["b", "a"], ["a", "a"], [""]])
def test_a_list_out_of_order_has_no_digest(ids: list[str]) -> None:
    with pytest.raises(ValueError, match="out of order"):
        ListDigest().feed(ids)


def published(seed: str, digest: str) -> ShowView:
    """What is published of a draw; the rest of the show has no part in it."""
    view = object.__new__(ShowView)
    for name in ShowView.__dataclass_fields__:
        object.__setattr__(view, name, None)
    return replace(view, seed=seed, seed_digest=seed_digest(SEED), list_digest=digest)


@given(ids=IDS.filter(lambda ids: len(ids) > 1), data=st.data())
def test_anyone_finds_a_draw_that_was_tampered_with(ids: list[str], data: st.DataObject) -> None:
    digest, order = by_hand(SEED, ids)
    show = published(SEED, digest)
    assert verify_draw(show, sorted(ids), order) is None
    at, other = data.draw(
        st.lists(st.integers(0, len(ids) - 1), min_size=2, max_size=2, unique=True)
    )
    swapped = [*order]
    swapped[at], swapped[other] = swapped[other], swapped[at]
    assert f"number {min(at, other) + 1} " in (verify_draw(show, sorted(ids), swapped) or "")
    assert "digest" in (verify_draw(show, sorted(ids)[1:], order[1:]) or "")
    assert "seed" in (verify_draw(published("0" * 64, digest), sorted(ids), order) or "")


def test_one_seed_gives_other_shows_other_orders() -> None:
    ids = [f"{n:03d}" for n in range(100)]
    first = draw(SEED, by_hand(SEED, ids)[0], ids)
    assert first != ids
    assert draw(SEED, by_hand(SEED, ids[1:])[0], ids) != first


def test_no_place_in_the_lobby_is_better_than_another() -> None:
    """Over many seeds the first to come is drawn first about as often as the last to come."""
    ids = [f"{n:02d}" for n in range(10)]
    firsts = [by_hand(sha256(str(seed).encode()).hexdigest(), ids)[1][0] for seed in range(5_000)]
    counts = [firsts.count(one) for one in ids]
    assert all(400 < count < 600 for count in counts), counts
