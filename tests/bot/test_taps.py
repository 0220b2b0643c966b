"""Taps that are forged, old, doubled, somebody else's or too many: none does what it should not."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local_api.people import Answer, Person
from bot.marks import DATA_MAX, Do, Marks, Tap
from core.purchase import Purchase, State
from tests.auxil import books, telegrams
from tests.auxil.drafts import fare, show, tier
from tests.auxil.telegrams import House

SHOW = show(tier("Pista", 9, fare("Inteira", 6_000), fare("Meia", 3_000)), slug="samba")


async def purchases(house: House, person: Person) -> tuple[Purchase, ...]:
    look = house.an_office.look
    customer = await look.customer_of("telegram", str(person.user_id))
    return await look.purchases_of(customer) if customer else ()


async def choosing(house: House, name: str) -> Person:
    """Somebody who is choosing, in English."""
    person = house.api.person(name, language="en")
    house.say(person, "/start samba")
    await house.tap(person, "Buy tickets")
    await person.sees("Which tickets")
    return person


@pytest.mark.parametrize("forged", ["", "x", "AAAAAAAAj1....", "AAAAAAAA" + "é" * 20])
async def test_a_forged_tap_does_nothing(tmp_path: Path, forged: str) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        shown = await ana.offered("Buy tickets")
        answer = await ana.press_data(shown, forged)
        assert "no longer known" in answer.text
        assert not await purchases(house, ana)


async def test_a_tap_for_somebody_elses_purchase_does_nothing(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana, bia = await choosing(house, "Ana"), await choosing(house, "Bia")
        give_up = await house.tap(ana, "Give up")
        sure = await ana.offered("Yes, give it up")
        button = sure.button("Yes, give it up")
        assert button is not None
        answer = await bia.press_data(bia.messages[-1], button.data)
        assert "not yours" in answer.text
        assert (await purchases(house, ana))[0].state is State.CHOOSING
        assert give_up.message_id == sure.message_id


async def test_an_old_tap_changes_nothing_and_shows_how_things_stand(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = await choosing(house, "Ana")
        await house.tap(ana, "Inteira")
        old = await ana.sees("How many")
        await house.tap(ana, "3")
        await ana.sees("3 × Inteira")
        two = old.button("2")
        assert two is not None
        answer = await ana.press_data(old, two.data)
        assert "changed meanwhile" in answer.text
        assert (await purchases(house, ana))[0].tickets == 3
        assert "3 × Inteira" in ana.messages[-1].text


async def test_a_double_tap_has_one_effect(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        shown = await ana.offered("Buy tickets")
        await asyncio.gather(*(ana.press(shown, "Buy tickets") for _ in range(4)))
        assert len(await purchases(house, ana)) == 1
        await house.tap(ana, "Inteira")
        shown = await ana.sees("How many")
        await asyncio.gather(*(ana.press(shown, "2") for _ in range(4)))
        shown = await ana.offered("Pay by Pix")
        await asyncio.gather(*(ana.press(shown, "Pay by Pix") for _ in range(4)))
        await ana.offered("Copy the code")
        (purchase,) = await purchases(house, ana)
        view = await house.an_office.look.purchase(purchase.show_id, purchase.purchase_id)
        assert view is not None
        assert len(view.payments) == 1
        assert purchase.tickets == 2


async def test_taps_in_any_order_harm_nothing(tmp_path: Path) -> None:
    """Any button that ever stood anywhere, in any order: the books add up, and one can go on."""
    luck = Random(1)
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = await choosing(house, "Ana")
        seen = {key.data: shown for shown in ana.messages for key in shown.buttons if key.data}
        for _ in range(60):
            house.clock.ms += 1_000
            data = luck.choice(list(seen))
            await ana.press_data(seen[data], data)
            seen |= {key.data: one for one in ana.messages for key in one.buttons if key.data}
        assert len(seen) > 20, "it led somewhere"
        before = len(ana.messages)
        house.say(ana, "/start samba")
        await ana.until(lambda: len(ana.messages) > before)
    books.check(tmp_path / "office.db")


async def test_an_update_that_is_brought_twice_has_one_effect(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = await choosing(house, "Ana")
        taps = [
            update
            for call in house.api.calls
            if call.method == "getUpdates"
            for update in call.result or ()
            if "callback_query" in update
        ]
        join = taps[0]
        await house.tap(ana, "Give up")
        await house.tap(ana, "Yes, give it up")
        await ana.sees("You gave up")
        # As after a restart, when nothing is remembered of what was taken before.
        house.bot.front._taken.ids.clear()
        await house.bot.front.bring(join)
        assert not await purchases(house, ana), "no new place was taken"


async def test_who_hammers_is_asked_to_slow_down_and_harms_nobody(tmp_path: Path) -> None:
    """10,000 taps a minute, for four seconds of it; Bia goes all the way to paying meanwhile."""
    async with telegrams.house(tmp_path, SHOW) as house:
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        house.say(ana, "/start samba")
        shown = await ana.offered("Refresh")
        house.say(bia, "/start samba")
        pressed: list[asyncio.Future[Answer]] = []
        for button in ("Buy tickets", "Inteira", "2", "Pay by Pix"):
            pressed += [ana.press(shown, "Refresh") for _ in range(167)]
            house.clock.ms += 1_000
            await bia.press(await bia.offered(button), button)
            assert len(asyncio.all_tasks()) < 300, "what is passed over is not kept"
        await bia.offered("Copy the code")
        while house.api.world.updates.pending:
            await asyncio.sleep(0.01)
        said = [one.result().text for one in pressed if one.done()]
        assert sum("Slowly" in text for text in said) == 1
        assert 20 < len(said) <= 20 + 4 + 1, "a burst, one a second, and the warning"
        assert set(house.bot.front._people) == {ana.user_id, bia.user_id}
        house.clock.ms += 30_000
        await ana.press(shown, "Refresh")
        assert (await purchases(house, bia))[0].tickets == 2


TAPS = st.builds(
    Tap,
    do=st.sampled_from(Do),
    show_id=st.integers(0, 46_655),
    purchase_id=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
    step=st.integers(0, 36**5),
    args=st.lists(st.integers(0, 35), max_size=2).map(tuple),
)


@given(TAPS)
def test_a_tap_is_read_as_it_was_written_and_fits(tap: Tap) -> None:
    marks = Marks("secret")
    data = marks.write(tap)
    assert marks.read(data) == tap
    assert len(data.encode()) <= DATA_MAX
    assert Marks("another").read(data) is None


@given(TAPS, st.integers(0, 63), st.characters(codec="utf-8"))
def test_no_tap_with_any_character_changed_is_ours(tap: Tap, at: int, other: str) -> None:
    marks = Marks("secret")
    data = marks.write(tap)
    at %= len(data)
    changed = data[:at] + other + data[at + 1 :]
    assert changed == data or marks.read(changed) is None


def test_ids_are_the_same_for_the_same_and_differ_for_all_else() -> None:
    marks = Marks("secret")
    made = [
        marks.new_id("purchase", 1, 2),
        marks.new_id("purchase", 12, ""),
        marks.new_id("x", 1, 2),
    ]
    assert len(set(made)) == 3
    assert marks.new_id("purchase", 1, 2) == made[0]
    assert Marks("another").new_id("purchase", 1, 2) != made[0]
    assert {len(one) for one in made} == {26}
