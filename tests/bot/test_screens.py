"""What screens tell, true to the office: prices and what is left, the line, clocks, and why not."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.chat.bank import Bank
from bot.local_api.people import Person
from core.bills import Bill
from core.payments import Action, ActionKind
from core.ports import GatewayReport
from core.purchase import State
from core.requests import CancelShow, Claim, CloseSale, PauseSale
from core.sale import Status
from core.terms import MINUTE_MS
from tests.auxil import books, telegrams
from tests.auxil.drafts import T0_MS, fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.telegrams import House

OPENING_MS = T0_MS + 10 * MINUTE_MS
SAMBA = show(
    tier("Pista", 4, fare("Inteira", 6_000, 600), fare("Meia", 3_000, 300, quota="meia")),
    tier("Mesa", 2, fare("Inteira", 9_000, 0)),
    slug="samba",
    quotas={"meia": 1},
    lobby_opens_ms=T0_MS,
    sale_opens_ms=OPENING_MS,
)


class LongCodes(Bank):
    """A bank whose Pix codes are this one."""

    def __init__(self, code: str) -> None:
        super().__init__(moves_money=True)
        self.code = code

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        action = Action(kind=ActionKind.PIX, code=self.code).text
        return [replace(one, action=action) for one in await super().start(bill)]


async def opened(house: House, slug: str) -> None:
    """Go to a show's opening, and past its draw."""
    house.clock.ms = max(house.clock.ms, OPENING_MS)
    while True:
        found = await house.an_office.look.show(house.shows[slug])
        assert found is not None
        if found.card.status == Status.OPEN:
            return
        await asyncio.sleep(0.01)


async def refreshed(house: House, person: Person, until: str) -> str:
    """Refresh the newest message, which then says something; return all that it says."""
    await house.tap(person, "Refresh")
    await person.until(lambda: until in person.messages[-1].text)
    return person.messages[-1].text


async def test_a_show_tells_prices_fees_what_is_left_and_how_its_sale_stands(
    tmp_path: Path,
) -> None:
    async with telegrams.house(tmp_path, SAMBA) as house:
        office, show_id = house.an_office.office, house.shows["samba"]
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        text = (await ana.offered("Buy tickets")).text
        found = await house.an_office.look.show(show_id)
        assert found is not None
        for said in (
            "The sale opens on Sun, 17 Mar 2030 at 14:56",
            "Pista · Inteira: R$60.00 + R$6.00 fee (4 left)",
            "Pista · Meia: R$30.00 + R$3.00 fee (1 left)",
            "Mesa · Inteira: R$90.00, no fee (2 left)",
            f"Fingerprint of the opening draw: {found.seed_digest[:16]}…",
        ):
            assert said in text
        await opened(house, "samba")
        await register(office, "bia")
        await Fan(office, show_id, "bia").buy(1, fare_no=2)
        text = await refreshed(house, ana, "5 tickets left")
        assert "Pista · Inteira: R$60.00 + R$6.00 fee (3 left)" in text
        assert "Pista · Meia: R$30.00 + R$3.00 fee (none free now)" in text
        await office.run(PauseSale(show_id=show_id))
        await refreshed(house, ana, "The sale is paused")
        await office.run(CloseSale(show_id=show_id))
        shown = ana.messages[-1]
        await refreshed(house, ana, "The sale is over")
        assert not ana.messages[-1].button("Buy tickets")
        answer = await ana.press(shown, "Buy tickets")
        assert "not on sale" in answer.text
        await office.run(CancelShow(show_id=show_id))
        await refreshed(house, ana, "This show is cancelled; what was paid goes back by itself")
    books.check(tmp_path / "office.db")


async def test_the_line_tells_who_is_ahead_and_how_long_it_may_take(tmp_path: Path) -> None:
    """12 people are drawn and called one by one, 12 tickets; Ana comes after them."""
    line = show(
        tier("Pista", 12),
        slug="fila",
        lobby_opens_ms=T0_MS,
        sale_opens_ms=OPENING_MS,
        calls_max=1,
    )
    async with telegrams.house(tmp_path, line) as house:
        office, look, show_id = house.an_office.office, house.an_office.look, house.shows["fila"]
        names = [f"fan{n}" for n in range(12)]
        await register(office, *names)
        await asyncio.gather(*(Fan(office, show_id, name).join() for name in names))
        await opened(house, "fila")
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start fila")
        await house.tap(ana, "Buy tickets")
        shown = await ana.sees("Your number is 13")
        assert "can't be told yet" in shown.text

        async def called(number: int) -> str:
            while True:
                view = await look.purchase_by_number(show_id, number)
                if view is not None and view.purchase.state == State.CALLED:
                    return view.purchase.purchase_id
                house.clock.ms += 100
                await asyncio.sleep(0.01)

        async def buys(number: int, many: int) -> None:
            fan = Fan(office, show_id, await called(number))
            await office.claim(Claim(show_id=show_id, purchase_id=fan.name))
            await fan.choose(many)
            await fan.check_out()
            await fan.pay(110 * many)

        for number in range(1, 6):
            await buys(number, 1)
        await called(6)
        house.clock.ms = OPENING_MS + 12 * MINUTE_MS - 1_000
        text = await refreshed(house, ana, "6 people are ahead of you")
        assert "About 14 minutes, if it goes on as since the opening: 6 people served" in text
        await buys(6, 2)
        text = await refreshed(house, ana, "5 people are ahead of you")
        assert "5 tickets are unsold, no more than there are people ahead of you" in text
        await office.run(PauseSale(show_id=show_id))
        await refreshed(house, ana, "The sale is paused; places in line are kept")
    books.check(tmp_path / "office.db")


async def test_every_screen_stays_under_1_kb_whatever_the_names(tmp_path: Path) -> None:
    """What finds no room is left out, and said to be; `telegrams.house` measures every answer."""
    long = "Cadeira numerada & com visão parcial, L"
    tiers = [
        tier(f"{long}{n}", 9, *(fare(f"{long}{m}", 123_456, 7) for m in "AB")) for n in "123456"
    ]
    wide = replace(
        show(*tiers, slug="largo", limit_per_customer=12),
        title="Não é só uma orquestra: é toda a cidade que canta, dança & dá voltas, até o fim",
        description="À noite, todos os gatos são pardos & cantam. " * 50,
    )
    code = "0" * 400
    async with telegrams.house(tmp_path, wide, bank=LongCodes(code)) as house:
        ana = house.api.person("Ana", language="pt-BR")
        house.say(ana, "/start largo")
        shown = await ana.offered("Comprar ingressos")
        assert "À noite" not in shown.text
        assert shown.text.count("(restam 9)") >= 2
        assert "e outros, para escolher quando for a sua vez" in shown.text
        await house.tap(ana, "Comprar ingressos")
        offered = (await ana.sees("Quais ingressos")).buttons[:5]
        for key in offered:
            await ana.press_data(ana.messages[-1], key.data)
            await house.tap(ana, "1", on="Quantos")
            await ana.offered("Pagar com Pix")
        assert "Total: R$\xa06.173,15" in ana.messages[-1].text
        await house.tap(ana, "Pagar com Pix")
        shown = await ana.sees(code)
        assert "Total: R$\xa06.173,15" in shown.text
        assert shown.button("Copiar o código") is None, "it is too long for that button"


async def test_a_clock_is_told_as_a_time_of_day_and_what_is_left_of_it(tmp_path: Path) -> None:
    night = show(tier("Pista", 2), slug="noite")
    async with telegrams.house(tmp_path, night) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start noite")
        await house.tap(ana, "Buy tickets")
        assert "Until 14:54 (8 minutes from now)" in (await ana.sees("Which tickets")).text
        house.clock.ms += 3 * MINUTE_MS - 1_000
        await refreshed(house, ana, "Until 14:54 (5 minutes from now)")


async def test_why_not_is_said(tmp_path: Path) -> None:
    few = show(tier("Pista", 5), slug="poucos", limit_per_customer=3)
    later = show(tier("Pista", 3), slug="depois", sale_opens_ms=OPENING_MS)
    lobby = replace(later, slug="lobby")
    lobby = replace(lobby, terms=replace(later.terms, lobby_opens_ms=OPENING_MS - MINUTE_MS))
    async with telegrams.house(tmp_path, few, later, lobby) as house:
        office, show_id = house.an_office.office, house.shows["poucos"]
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        house.say(bia, "/start depois")
        answer = await bia.press(await bia.offered("Buy tickets"), "Buy tickets")
        assert answer.text == "Not yet: the sale opens on Sun, 17 Mar 2030 at 14:56."
        assert answer.alert
        house.say(bia, "/start lobby")
        await bia.sees("sale opens on Sun, 17 Mar 2030 at 14:56. Its lobby opens on Sun, 17 Mar")
        answer = await bia.press(await bia.offered("Buy tickets"), "Buy tickets")
        assert answer.text == "Not yet: the lobby opens on Sun, 17 Mar 2030 at 14:55."
        await register(office, "caio")
        await Fan(office, show_id, "caio").buy(1)
        for person in (ana, bia):
            house.say(person, "/start poucos")
            await house.tap(person, "Buy tickets", on="poucos")
            await house.tap(person, "inteira")
        shown = await bia.sees("How many")
        assert [key.text for key in shown.buttons] == ["1", "2", "3", "None", "Back"]
        await house.tap(ana, "3", on="How many")
        answer = await bia.press(shown, "2")
        assert answer.text == "Only 1 can be had: Pista."
        await house.tap(bia, "inteira")
        await bia.until(lambda: bia.messages[-1].rows[0][0].text == "1")
        assert len(bia.messages[-1].rows[0]) == 1, "no more is offered than can be had"
        await house.tap(ana, "Pay by Pix")
        button = (await ana.offered("Copy the code")).button("Copy the code")
        assert button is not None
        await house.bank.pay(office, button.copied)
        await ana.sees("3 tickets are yours")
        house.say(ana, "/start poucos")
        shown = await ana.offered("Buy tickets")
        answer = await ana.press(shown, "Buy tickets")
        assert answer.text == "At most 3 tickets a person at this show; you have 3."
    books.check(tmp_path / "office.db")


async def test_all_places_are_listed_and_each_leads_to_its_own(tmp_path: Path) -> None:
    both = [show(tier("Pista", 2), slug=slug) for slug in ("noite", "manha")]
    async with telegrams.house(tmp_path, *both) as house:
        ana = house.api.person("Ana", language="en")
        for slug in ("noite", "manha"):
            house.say(ana, f"/start {slug}")
            await house.tap(ana, "Buy tickets", on=slug)
            await ana.sees("Which tickets")
        house.say(ana, "/line")
        listed = await ana.sees("Your places:")
        for slug in ("noite", "manha"):
            await ana.press(listed, f"Show {slug}")
            await ana.until(lambda slug=slug: f"Show {slug}\n" in ana.messages[-1].text)
