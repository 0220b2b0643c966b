"""Whole journeys, as people make them: over HTTP, by long poll, in both languages."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from bot.local_api.people import Person
from bot.opening import introduce
from core.payments import Refund
from core.requests import CheckIn, Register
from core.terms import HOUR_MS
from tests.auxil import books, schema, telegrams
from tests.auxil.drafts import CPF, T0_MS, fare, show, tier
from tests.auxil.telegrams import House
from tests.bot.words import WORDS

SAMBA = show(
    tier("Pista", 4, fare("Inteira", 6_000, 600), fare("Meia", 3_000, 300, proof=True)),
    slug="samba",
)
NIGHT = show(tier("Pista", 1, fare("Inteira", 6_000, 600)), slug="noite")
RESIDENTS = show(
    tier("Pista", 4, fare("Moradores", 1_000, document=True), fare("Inteira", 2_000)), slug="bairro"
)


async def copied(person: Person, copy: str) -> str:
    """Wait for the Pix code and copy it."""
    button = (await person.offered(copy)).button(copy)
    assert button is not None
    return button.copied


@pytest.mark.parametrize("language", WORDS)
async def test_two_half_price_tickets_by_pix(tmp_path: Path, language: str) -> None:
    said = WORDS[language]
    async with telegrams.house(tmp_path, SAMBA) as house:
        ana = house.api.person("Ana", language=language)
        house.say(ana, "/start samba")
        await house.tap(ana, said["buy"])
        await house.tap(ana, "Meia")
        await house.tap(ana, "2", on=said["how many"])
        assert said["total"] in (await ana.offered(said["pix"])).text
        await house.tap(ana, said["pix"])
        code = await copied(ana, said["copy"])
        assert code in ana.messages[-1].text
        await house.bank.pay(house.an_office.office, code)
        await ana.sees(said["done"])
        assert len(ana.messages) == 1, "one message is edited in place"
        await house.tap(ana, said["codes"])
        await ana.until(lambda: len(ana.messages) == 3)
        for shown in ana.messages[1:]:
            picture = house.api.download(shown.file_id)
            (tmp_path / "qr.png").write_bytes(picture)
            (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "qr.png"))
            assert found.text.startswith(f"B1.{house.shows['samba']}.")
        if schema.PYTHON.exists():
            await schema.hold(house.api)
    books.check(tmp_path / "office.db")


async def refunds(house: House, person: Person) -> tuple[Refund, ...]:
    """The refunds of somebody's only purchase."""
    look = house.an_office.look
    customer = await look.customer_of("telegram", str(person.user_id))
    (purchase,) = await look.purchases_of(customer or "")
    view = await look.purchase(purchase.show_id, purchase.purchase_id)
    return view.refunds if view is not None else ()


@pytest.mark.parametrize("language", WORDS)
async def test_tickets_are_given_back_one_by_one_while_the_show_takes_them(
    tmp_path: Path, language: str
) -> None:
    said = WORDS[language]
    until_ms = T0_MS + 24 * HOUR_MS
    fares = (fare("Inteira", 6_000, 600), fare("Meia", 3_000, 300))
    samba = show(tier("Pista", 4, *fares), slug="samba", refunds_until_ms=until_ms)
    async with telegrams.house(tmp_path, samba) as house:
        ana = house.api.person("Ana", language=language)
        house.say(ana, "/start samba")
        assert said["rule"] in (await ana.offered(said["buy"])).text
        await house.tap(ana, said["buy"])
        await house.tap(ana, "Meia")
        await house.tap(ana, "3", on=said["how many"])
        assert said["rule"] in (await ana.offered(said["pix"])).text
        await house.tap(ana, said["pix"])
        await house.bank.pay(house.an_office.office, await copied(ana, said["copy"]))
        await house.tap(ana, said["give back"])
        which = await ana.sees(said["which"])
        assert len(which.buttons) == 5, "all, each of three, and none"
        await house.tap(ana, which.buttons[0].text)
        assert said["all back"] in (await ana.offered(said["sure"])).text
        await house.tap(ana, said["keep"])
        await house.tap(ana, said["give back"])
        await ana.sees(said["which"])
        used = CheckIn(show_id=house.shows["samba"], order_no=1, ticket_no=2)
        await house.an_office.office.check_in(used)
        await house.tap(ana, "2 · Meia", on=said["which"])
        answer = await ana.tap(await ana.offered(said["sure"]), said["sure"])
        assert said["used"] in answer.text
        await house.tap(ana, said["give back"])
        await house.tap(ana, "1 · Meia", on=said["which"])
        assert said["returned"] in (await ana.sees(said["sure"])).text
        await house.tap(ana, said["sure"])
        await ana.sees(said["returned"])
        while not all(one.state == "done" for one in await refunds(house, ana)):
            await asyncio.sleep(0.01)
        shown = await ana.offered(said["give back"])
        await house.tap(ana, said["give back"])
        sure = await ana.offered(said["sure"])
        house.clock.ms = until_ms
        assert said["over"] in (await ana.tap(sure, said["sure"])).text
        await ana.until(lambda: ana.find(said["give back"]) is None)
        assert shown.message_id == ana.messages[-1].message_id
        found = await house.an_office.look.show(house.shows["samba"])
        assert found is not None
        assert found.valid == 2
    books.check(tmp_path / "office.db")


async def test_a_fare_asks_for_a_document_and_keeps_no_trace_of_it(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, RESIDENTS) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start bairro")
        await house.tap(ana, "Buy tickets")
        await house.tap(ana, "Moradores")
        await house.tap(ana, "1", on="How many")
        question = await ana.sees("Answer this message with the CPF")
        ana.send("1" * 4_096, reply_to=question)
        await ana.sees("no valid CPF")
        await ana.until(lambda: question.message_id not in [m.message_id for m in ana.messages])
        question = await ana.sees("Answer this message with the CPF")
        house.say(ana, CPF)
        await ana.sees("A CPF is taken as the answer to my question alone")
        ana.send(CPF, reply_to=question)
        shown = await ana.offered("Pay by Pix")
        assert "1 × Moradores" in shown.text
        await ana.until(lambda: not any(CPF in str(one.get("text")) for one in ana.everything))


async def test_whoever_waits_is_told_where_they_stand_and_gets_what_comes_back(
    tmp_path: Path,
) -> None:
    async with telegrams.house(tmp_path, NIGHT) as house:
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        for person in (ana, bia):
            house.say(person, "/start noite")
            await house.tap(person, "Buy tickets")
        await ana.sees("Which tickets")
        shown = await bia.sees("Your number is 2")
        assert "You are first in line" in shown.text
        await house.tap(ana, "Give up")
        await house.tap(ana, "Yes, give it up")
        await ana.sees("You gave up this place")
        await house.tap(bia, "Refresh")
        await house.tap(bia, "Choose my tickets")
        await house.tap(bia, "Inteira")
        await house.tap(bia, "1", on="How many")
        await house.tap(bia, "Pay by Pix")
        await house.bank.pay(house.an_office.office, await copied(bia, "Copy the code"))
        await bia.sees("1 ticket is yours")
        house.say(bia, "/tickets")
        await bia.sees("Your tickets")
        house.say(ana, "/tickets")
        await ana.sees("You have no tickets")
    books.check(tmp_path / "office.db")


async def test_paying_can_be_stepped_back_from(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        await house.tap(ana, "Buy tickets")
        await house.tap(ana, "Inteira")
        await house.tap(ana, "1", on="How many")
        await house.tap(ana, "Pay by Pix")
        code = await copied(ana, "Copy the code")
        await house.tap(ana, "Show the QR code")
        await ana.until(lambda: bool(ana.messages[-1].file_id))
        (tmp_path / "qr.png").write_bytes(house.api.download(ana.messages[-1].file_id))
        (found,) = zxingcpp.read_barcodes(Image.open(tmp_path / "qr.png"))
        assert found.text == code
        await house.tap(ana, "Change the tickets")
        await house.tap(ana, "Inteira")
        await house.tap(ana, "None", on="How many")
        await ana.sees("Which tickets")


def stamps(person: Person) -> list[str]:
    """When the shows are that the newest message leads to."""
    keys = (key.text for key in person.messages[-1].buttons)
    return [text.partition(" · ")[0] for text in keys if " · " in text]


async def test_finding_shows(tmp_path: Path) -> None:
    """By words, by days as people write them; page by page, here and in any other chat."""
    play = [
        replace(
            NIGHT,
            slug=f"noite-{n}",
            title="Uma noite muito longa, que se repete e não acaba, na cidade grande, até o fim",
            starts_ms=NIGHT.starts_ms + n * HOUR_MS,
        )
        for n in range(22)
    ]
    late = replace(
        NIGHT,
        slug="acre",
        title="Noite do Seringal",
        starts_ms=NIGHT.starts_ms - 13 * HOUR_MS,  # 23:45 of the day before, at its own place.
        venue=replace(NIGHT.venue, city="Rio Branco", time_zone="America/Rio_Branco"),
    )
    rock = replace(NIGHT, slug="rock", title="<i>Rock & Roll</i>")
    async with telegrams.house(tmp_path, *play, late, SAMBA, rock) as house:
        ana = house.api.person("Ana", language="pt-br")

        async def looks(words: str) -> list[str]:
            before = len(ana.messages)
            house.say(ana, words)
            await ana.until(lambda: len(ana.messages) > before)
            return stamps(ana)

        async def turns(to: str, until: str) -> list[str]:
            await house.tap(ana, to)
            await ana.until(lambda: until in stamps(ana))
            return stamps(ana)

        assert await looks("NOITE longa rio") == [f"16/04 {at}:46" for at in range(14, 20)]
        assert (await turns("›", "16/04 20:46"))[-1] == "17/04 01:46"
        assert await turns("›", "17/04 02:46") == [f"17/04 0{at}:46" for at in range(2, 8)]
        assert (await turns("›", "17/04 08:46"))[-1] == "17/04 11:46"
        assert not ana.messages[-1].button("›")
        assert await looks("17/04") == [f"17/04 0{at}:46" for at in range(6)]
        assert (await turns("›", "17/04 06:46"))[-1] == "17/04 11:46"
        assert await looks("15/04") == ["15/04 23:46"], "a day is that of the show's place"
        for nothing in ("amanhã", "31/02", "🎭", "x" * 300):
            assert await looks(nothing) == [], nothing
            assert "Nada foi encontrado" in ana.messages[-1].text, nothing
        assert await looks("/shows samba rio") == ["16/04 14:46"]
        await looks("rock")
        await house.tap(ana, "<i>Rock & Roll</i>")
        assert (await ana.offered("Comprar ingressos")).text.startswith("<i>Rock & Roll</i>")
        assert await looks("/start no-such-show")
        assert "O espetáculo deste link não está mais aqui" in ana.messages[-1].text
        assert len(await ana.search("noite")) == 23, "an inline answer is paged as one scrolls"
        (found,) = await ana.search("15/04")
        assert found["description"].startswith("15/04 23:46 · Rio Branco · Resta 1")


async def test_sharing_a_show(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA, NIGHT) as house:
        ana, bia = (house.api.person(name, language="pt-br") for name in ("Ana", "Bia"))
        (found,) = await ana.search("samba")
        link = found["reply_markup"]["inline_keyboard"][0][0]["url"]
        assert "Show samba" in found["input_message_content"]["message_text"]
        bia.follow(link)
        await bia.offered("Comprar ingressos")
        assert len(await ana.search("")) == 2
        group = house.api.group("Amigos")
        ana.send("nobody asked the bot", to=group)
        ana.send(f"/start@{house.api.world.me['username']}", to=group)
        await group.pulse.until(lambda: bool(house.api.in_group(group)))
        (answer,) = house.api.in_group(group)
        assert "conversa particular" in answer.text
        assert answer.buttons[0].url.startswith("https://t.me/")


async def test_a_language_is_chosen_and_kept(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        ana = house.api.person("\u3164", language="de")  # A name that shows nothing.
        ana.facts["username"] = "ana_r"
        house.say(ana, "/language")
        shown = await ana.offered("Português")
        assert "Which language" in shown.text or "Que idioma" in shown.text
        for name, asks, buys in (
            ("Português", "Que idioma", "Comprar ingressos"),
            ("English", "Which language", "Buy tickets"),
            ("Português", "Que idioma", "Comprar ingressos"),
        ):
            await ana.tap(shown, name)
            await ana.sees(asks)
            house.say(ana, "/start samba")
            await ana.offered(buys)
        customer = await house.an_office.look.customer_of("telegram", str(ana.user_id))
        kept = await house.an_office.look.customer(customer or "")
        assert kept is not None
        assert (kept.language, kept.name) == ("pt-BR", "@ana_r")
    books.check(tmp_path / "office.db")


async def test_who_has_several_contacts_chooses_by_which_they_are_told(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        contacts = (("telegram", str(ana.user_id)), ("email", "ana@example.org"))
        await house.an_office.office.register(
            Register(customer_id="ana", contacts=contacts, language="en")
        )

        async def ways() -> list[str]:
            found = await house.an_office.look.customer("ana")
            return [channel for channel, _ in found.ways] if found is not None else []

        house.say(ana, "/language")
        first = await ana.sees("by these, the next where the one before does not get through")
        assert [key.text for key in first.rows[1]] == ["1 · Telegram", "2 · e-mail"]
        for _ in range(2):  # Tapped twice it is done once.
            await ana.press(first, "1 · Telegram")
            await ana.offered("– · Telegram")
            assert await ways() == ["email"]
        await house.tap(ana, "– · Telegram")
        await ana.offered("2 · Telegram")
        assert await ways() == ["email", "telegram"]
        await house.tap(ana, "1 · e-mail")
        await house.tap(ana, "1 · Telegram")
        await ana.offered("– · e-mail")
        assert await ways() == ["telegram"], "one always stays"
        house.say(bia, "/language")
        assert len((await bia.offered("English")).rows) == 1, "who has one is asked nothing"
    books.check(tmp_path / "office.db")


async def test_being_erased(tmp_path: Path) -> None:
    """What Ana holds goes to Bia at once; who Ana has become since is not erased by an old tap."""
    async with telegrams.house(tmp_path, NIGHT) as house:
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        for person in (ana, bia):
            house.say(person, "/start noite")
            await house.tap(person, "Buy tickets")
        await bia.sees("You are first in line")
        await house.tap(ana, "Inteira", on="Which tickets")
        await house.tap(ana, "1", on="How many")
        await house.tap(ana, "Pay by Pix")
        await copied(ana, "Copy the code")
        look = house.an_office.look
        assert await look.customer_of("telegram", str(ana.user_id))
        house.say(ana, "/privacy")
        await house.tap(ana, "Erase me")
        sure = await ana.offered("Yes, erase me")
        answer = await ana.tap(sure, "Yes, erase me")
        assert answer.text == "A payment is under way: make it or give it up first."
        await house.tap(ana, "Change the tickets")
        await ana.offered("Pay by Pix")
        await ana.tap(sure, "Yes, erase me")
        await ana.sees("nothing here leads to you")
        assert await look.customer_of("telegram", str(ana.user_id)) is None
        await house.tap(bia, "Refresh")
        await house.tap(bia, "Choose my tickets")
        await bia.sees("Which tickets")
        house.say(ana, "/line")
        await ana.sees("You are in no line")
        house.say(ana, "/start noite")
        await house.tap(ana, "Buy tickets")
        await ana.sees("You are first in line")
        await ana.tap(sure, "Yes, erase me")
        assert await look.customer_of("telegram", str(ana.user_id))
    books.check(tmp_path / "office.db")


async def test_the_commands_are_told_in_both_languages(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        await introduce(house.bot.bot)
        profile = house.api.world.profile
        english = profile["commands", "", "default"]
        portuguese = profile["commands", "pt", "default"]
        assert [one["command"] for one in english] == [one["command"] for one in portuguese]
        assert {one["description"] for one in english}.isdisjoint(
            one["description"] for one in portuguese
        )
        assert profile["description", "", ""] != profile["description", "pt", ""]


async def test_a_lobby_and_its_draw(tmp_path: Path) -> None:
    drawn = show(
        tier("Pista", 2),
        slug="sorteio",
        lobby_opens_ms=T0_MS,
        sale_opens_ms=T0_MS + 600_000,
    )
    async with telegrams.house(tmp_path, drawn) as house:
        people = [house.api.person(name, language="en") for name in ("Ana", "Bia", "Caio")]
        for person in people:
            house.say(person, "/start sorteio")
            assert "Fingerprint of the opening draw" in (await person.offered("Buy tickets")).text
            await house.tap(person, "Buy tickets")
            await person.sees("You are in the lobby")
        house.clock.ms = T0_MS + 600_000
        await _called(house, "sorteio", 2)
        for person in people:
            await house.tap(person, "Refresh")
        await asyncio.gather(*(person.sees("sorteio") for person in people))
        await asyncio.gather(
            *(person.until(lambda p=person: not p.find("in the lobby")) for person in people)
        )
        told = [person.messages[-1].text for person in people]
        assert sum("It is your turn" in text for text in told) == 2, told
        assert sum(bool(re.search(r"Your number is \d", text)) for text in told) == 1, told


async def _called(house: House, slug: str, count: int) -> None:
    """Wait until so many people of a show were called."""
    while True:
        found = await house.an_office.look.show(house.shows[slug])
        assert found is not None
        if found.opened >= count:
            return
        house.clock.ms += 100
        await asyncio.sleep(0.01)


async def test_a_purchase_that_lapsed_is_told_so(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        await house.tap(ana, "Buy tickets")
        await ana.sees("Which tickets")
        customer = await house.an_office.look.customer_of("telegram", str(ana.user_id))
        assert customer is not None
        house.clock.ms += 3_600_000
        while await house.an_office.look.purchases_of(customer):
            await asyncio.sleep(0.01)
        await house.tap(ana, "Inteira")
        await ana.sees("The time for this purchase ended")
        await house.tap(ana, "The show")
        await ana.offered("Buy tickets")
