"""How updates come in: by webhook with its secret, by polling, over restarts, from many at once."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from app.chat.bank import Bank
from app.clock import SystemClock
from app.pace import Pace, Rate
from app.telegram import telegram_bot
from bot.front import CONNECTIONS
from bot.handlers import UPDATES
from bot.local_api.people import Person
from bot.local_api.server import LocalApi
from bot.local_api.updates import SECRET_HEADER
from bot.opening import Line
from bot.room import Visitor
from bot.serving import serving
from bot.watching import Watch
from bot.webhook import webhook_route
from core import limits
from core.offers import Offers
from core.ports import Overloaded
from core.purchase import State
from core.requests import Wake
from payments.telegram import Telegram, TelegramTill
from tests.auxil import books, telegrams
from tests.auxil.drafts import CPF, T0_MS, fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import HandClock, new_file
from tests.auxil.telegrams import House

SHOW = show(tier("Pista", 9, fare("Inteira", 6_000)), slug="samba")
SECRET = "0123456789abcdef"
WATCHED = 9


def line_to(api: LocalApi) -> Line:
    return Line(token=api.token, base_url=api.base_url, base_file_url=api.file_url)


class Held(Pace):
    """A pace that gives everybody a turn, but none while it is not open."""

    def __init__(self) -> None:
        super().__init__(SystemClock(), Rate(per_s=1_000), patient=True)
        self.open = asyncio.Event()
        self.open.set()

    async def turn(self, lane: int, address: str) -> int:
        await self.open.wait()
        return await super().turn(lane, address)


def quick() -> Pace:
    return Held()


@asynccontextmanager
async def invoiced(folder: Path, pace: Pace | None = None) -> AsyncGenerator[House]:
    """Open a house that is paid by invoices; nothing brings its bot any updates yet."""
    clock, path, bank = HandClock(), new_file(folder / "office.db"), Bank()
    async with LocalApi(clock) as api, telegrams.office_on(path, clock, bank) as plain:
        gateway = Telegram(api.token, "123:TEST:x", clock, api_url=api.root)
        gateways = {gateway.name: gateway}
        an_office = replace(plain, gateways=gateways, offers=Offers(gateways))
        shows = await telegrams.put_on(an_office, SHOW)
        await an_office.caretaker.round()
        till = TelegramTill(an_office.office)
        async with (
            asyncio.timeout(60),
            telegram_bot(an_office, line_to(api), pace or quick(), till=till) as opened,
            telegrams.working(an_office),
        ):
            yield House(api, an_office, clock, bank, opened, shows)
        await gateway.close()
    books.check(path)


@asynccontextmanager
async def brought(folder: Path, pace: Pace | None = None) -> AsyncGenerator[tuple[House, str]]:
    """Open a house that is paid by invoices, to whose bot Telegram brings updates; and where."""
    async with invoiced(folder, pace) as house:
        bot, front = house.bot.bot, house.bot.front
        async with serving(Starlette(routes=[webhook_route("/tg", front, SECRET)])) as port:
            url = f"http://127.0.0.1:{port}/tg"
            await bot.set_webhook(
                url, max_connections=CONNECTIONS, secret_token=SECRET, allowed_updates=UPDATES
            )
            yield house, url
            await bot.delete_webhook()


@asynccontextmanager
async def fetched(folder: Path, pace: Pace | None = None) -> AsyncGenerator[tuple[House, str]]:
    """Open the same house, whose bot fetches its updates."""
    async with invoiced(folder, pace) as house, telegrams.polled(house.bot):
        yield house, ""


async def about_to_pay(house: House, tickets: str = "1") -> tuple[Person, str]:
    """Bring Ana to her invoice; return her, and its link."""
    ana = house.api.person("Ana", language="en")
    house.say(ana, "/start samba")
    await house.tap(ana, "Buy tickets")
    await house.tap(ana, "Inteira")
    await house.tap(ana, tickets, on="How many")
    await house.tap(ana, "Pay in Telegram")
    shown = await ana.sees("Pay here in Telegram")
    (link,) = (button.url for button in shown.buttons if button.url)
    return ana, link


@pytest.mark.parametrize("way", [fetched, brought])
async def test_a_checkout_is_answered_though_a_flood_waits_before_it(
    tmp_path: Path, way: Callable[[Path, Pace], AbstractAsyncContextManager[tuple[House, str]]]
) -> None:
    pace = Held()
    async with way(tmp_path, pace) as (house, _):
        ana, link = await about_to_pay(house)
        pace.open.clear()
        crowd = [house.api.person(f"Fan {n}", language="en") for n in range(CONNECTIONS + 50)]
        for fan in crowd:
            fan.send("/start samba")
        paid = await ana.pay(link, patience_s=30)
        assert paid.paid, paid
        assert not any(fan.messages for fan in crowd)
        pace.open.set()
        await ana.sees("1 ticket is yours")
        await asyncio.gather(*(fan.offered("Buy tickets") for fan in crowd))


async def test_tickets_by_invoice_and_webhook(tmp_path: Path) -> None:
    async with brought(tmp_path) as (house, _):
        ana, link = await about_to_pay(house, "2")
        paid = await ana.pay(link)
        assert paid.paid, paid
        await ana.sees("2 tickets are yours")
        assert "can't be paid any more" in (await ana.pay(link)).trouble
        house.say(ana, "/tickets")
        await ana.sees("Your tickets")
        await house.tap(ana, "2 × Show samba")
        await house.tap(ana, "Tickets (PDF)")
        await house.tap(ana, "QR codes")
        await ana.until(lambda: sum(bool(one.file_id) for one in ana.messages) == 3)
        first = next(one for one in ana.messages if one.file_id)
        assert house.api.download(first.file_id).startswith(b"%PDF")
        house.say(ana, "/line")
        await ana.sees("You are in no line now")
        (charge,) = house.api.world.charges.values()
        assert (charge.charge_id, charge.amount_minor) == (paid.charge_id, 12_020)
        found = await house.an_office.look.show(house.shows["samba"])
        assert found is not None
        assert found.valid == 2


async def test_a_webhook_hears_nobody_else_and_nothing_endless(tmp_path: Path) -> None:
    right = {SECRET_HEADER: SECRET}
    async with brought(tmp_path) as (house, url):
        async with httpx.AsyncClient(trust_env=False) as web:
            ana = house.api.person("Ana", language="en")
            message = {
                "message_id": 1,
                "date": 1,
                "chat": ana.chat.facts,
                "from": ana.facts,
                "text": "fado",
            }
            update = {"update_id": 1, "message": message}
            for headers in ({}, {SECRET_HEADER: "wrong"}):
                answer = await web.post(url, json=update, headers=headers)
                assert answer.status_code == 403
            assert not ana.messages
            for content, code in (
                (b"no json", 400),
                (b"[]", 400),
                (b"[" * 100_000, 400),
                (b'{"update_id": "x"}', 200),
            ):
                answer = await web.post(url, content=content, headers=right)
                assert answer.status_code == code
            assert (await web.post(url, json=update, headers=right)).status_code == 200
            await ana.sees("Nothing was found")
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
        head = f"POST /tg HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\n"
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        # It never ends, nor says how long it is.
        writer.write(b"%x\r\n" % 10_000_000 + b" " * 1_000_001)
        assert b"413" in await reader.readline()
        writer.close()


HOSTILE = (
    "\0",
    "\ud800 alone",
    "\u202e\u2066turned around\u200b\ufeff",
    "<b>bold</b> &amp; <a href='tg://user?id=1'>",
    "A" * 4_096,
    "🎭" * 2_000,
    "%_'; drop table shows; --",
    "28/13/2026",
    "31/12/9999",
    "0001-01-01",
    "99/99",
    "/start " + "x" * 4_000,
    "/start \0\ud800",
    "/start doc-AAAAAAAA",
    "/shows@somebody_else_bot x",
    "/nothing of ours",
)


def oddities(person: Person, house: House) -> Iterator[dict[str, object]]:
    """What may come besides what people mean to say, and what may be made up."""
    group = house.api.group("<Friends> & \u202e")
    channel = {"id": -1_001, "type": "channel", "title": "News"}
    at: dict[str, object] = {"message_id": 7, "date": 1, "chat": person.chat.facts}
    mine = at | {"from": person.facts}
    for text in HOSTILE:
        yield {"message": mine | {"text": text}}
        yield {"message": mine | {"text": text, "from": person.facts | {"first_name": text}}}
        yield {"callback_query": _query(person, data=text, message=mine)}
        yield {"inline_query": _query(person, query=text * 10, offset=text[:64])}
    yield {"inline_query": _query(person, query="x" * 10_000, offset="9" * 5_000)}
    yield {"inline_query": _query(person, query="samba", offset="٣")}
    yield {"callback_query": _query(person, data="AAAAAAAA", inline_message_id="elsewhere")}
    yield {"callback_query": _query(person, game_short_name="chess", message=mine)}
    yield {"callback_query": _query(person, data="x", message=at | {"date": 0})}
    yield {"message": at | {"text": "/start"}}
    yield {"message": mine | {"location": {"latitude": 1, "longitude": 2}}}
    yield {"message": mine | {"contact": {"phone_number": "1", "first_name": "Ana"}}}
    yield {"message": mine | {"text": "samba", "reply_to_message": at | {"text": "who asked?"}}}
    yield {"message": mine | {"text": "/line", "unheard_of": {"deep": [1, {"x": None}]}}}
    yield {"message": mine | {"text": "samba", "forward_origin": _forwarded(channel)}}
    yield {"edited_message": mine | {"text": "/tickets", "edit_date": 2}}
    for sender in (channel, group.facts):
        anonymous = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}
        said = at | {"chat": group.facts, "sender_chat": sender, "text": "/start"}
        yield {"message": said}
        yield {"message": said | {"from": anonymous}}
    yield {"channel_post": at | {"chat": channel, "sender_chat": channel, "text": "/start"}}
    yield {"message_reaction": {"chat": person.chat.facts, "message_id": 7, "date": 1}}
    yield {"unheard_of": {"from": person.facts}}
    yield {}


def _query(person: Person, **facts: object) -> dict[str, object]:
    return {"id": "1", "from": person.facts, "chat_instance": "1", **facts}


def _forwarded(channel: Mapping[str, object]) -> dict[str, object]:
    return {"type": "channel", "date": 1, "chat": channel, "message_id": 3}


async def test_whatever_is_sent_nothing_fails_and_the_next_is_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        brought(tmp_path) as (house, url),
        httpx.AsyncClient(trust_env=False, headers={SECRET_HEADER: SECRET}) as web,
    ):
        bia = house.api.person("Bia", language="en")
        for number, oddity in enumerate(oddities(house.api.person("Ana"), house), 1_000):
            house.clock.ms += 1_000
            body = json.dumps({"update_id": number} | oddity)
            assert (await web.post(url, content=body)).status_code == 200
            wrong = [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
            assert not wrong, (oddity, wrong)
        bia.send("/start samba")
        await bia.offered("Buy tickets")
    telegrams.bounded(house.api)


async def test_an_update_that_cannot_be_read_is_passed_over_and_not_fetched_for_ever(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with fetched(tmp_path) as (house, _):
        ana = house.api.person("Ana", language="en")
        put = house.api.world.updates.put
        put("message", {"text": "no chat, no date"})
        put("pre_checkout_query", {"id": "1"})
        put("message", {"successful_payment": {}})
        odd = ana.facts | {"id": []}
        put("message", {"message_id": 1, "date": 1, "chat": ana.chat.facts, "from": odd})
        ana.send("/start samba")
        await ana.offered("Buy tickets")
        while house.api.world.updates.pending:
            await asyncio.sleep(0.01)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == [
        "an update that can't be handled is passed over"
    ] * 4


async def test_a_restart_drops_nothing(tmp_path: Path) -> None:
    """The bot is cut off in the middle of an answer; who comes next gives it."""
    clock = HandClock()
    path = new_file(tmp_path / "office.db")
    async with (
        asyncio.timeout(60),
        LocalApi(clock) as api,
        telegrams.office_on(path, clock, Bank()) as an_office,
    ):
        await telegrams.put_on(an_office, SHOW)
        await an_office.caretaker.round()
        people = [api.person(f"Fan {n}", language="en") for n in range(5)]
        api.trouble.slow("sendMessage", pause_s=30, times=5)
        async with telegram_bot(an_office, line_to(api), quick()) as opened:
            for person in people:
                person.send("/start samba")
            polling = asyncio.create_task(
                telegrams.Poller(opened.bot, opened.front.take).run(asyncio.Event())
            )
            while sum(call.method == "getUpdates" for call in api.calls) < 4:
                await asyncio.sleep(0.01)
            polling.cancel()  # As a kill: nothing is finished, nothing confirmed.
            await asyncio.gather(polling, return_exceptions=True)
        api.trouble.clear()
        assert api.world.updates.pending == 5
        assert not any(person.messages for person in people)
        async with (
            telegram_bot(an_office, line_to(api), quick()) as opened,
            telegrams.polled(opened),
        ):
            await asyncio.gather(*(person.offered("Buy tickets") for person in people))
        assert api.world.updates.pending == 0


async def test_a_database_that_fails_is_told_of_and_loses_nothing(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        shown = await ana.offered("Buy tickets")
        with closing(books.vandal(tmp_path / "office.db")) as vandal:
            books.run(vandal, "alter table contacts rename to elsewhere")
            answer = await ana.press(shown, "Buy tickets")
            assert "can't answer now. Nothing is lost: tap again" in answer.text
            house.say(ana, "/line")
            await ana.sees("can't answer now. Nothing is lost: try again")
            books.run(vandal, "alter table elsewhere rename to contacts")
        await ana.press(shown, "Buy tickets")
        await ana.sees("Which tickets")
    books.check(tmp_path / "office.db")


async def test_while_the_database_fails_no_cpf_stays_and_help_is_given_and_groups_hear_nothing(
    tmp_path: Path,
) -> None:
    local = show(tier("Pista", 4, fare("Moradores", 1_000, document=True)), slug="local")
    async with telegrams.house(tmp_path, local) as house:
        ana, group = house.api.person("Ana", language="pt-br"), house.api.group("Friends")
        house.say(ana, "/language")
        await house.tap(ana, "English")
        house.say(ana, "/start local")
        await house.tap(ana, "Buy tickets")
        await house.tap(ana, "Moradores")
        await house.tap(ana, "1", on="How many")
        question = await ana.sees("Answer this message with the CPF")
        with closing(books.vandal(tmp_path / "office.db")) as vandal:
            books.run(vandal, "alter table contacts rename to elsewhere")
            ana.send("lunch?", to=group)
            ana.send(CPF, reply_to=question)
            await ana.sees("A bilheteria não consegue responder agora")  # What the phone speaks.
            house.say(ana, CPF)
            await ana.sees("O CPF só vale como resposta")
            assert not any(CPF in str(one.get("text")) for one in ana.everything)
            house.say(ana, "/help")
            await ana.sees("Como funciona")
            books.run(vandal, "alter table elsewhere rename to contacts")
            books.run(vandal, "alter table series rename to elsewhere")
            house.say(ana, "/shows")
            await ana.sees("can't answer now")
            books.run(vandal, "alter table elsewhere rename to series")
        house.say(ana, "/shows")
        await ana.sees("Show local")
        assert house.api.in_group(group) == ()


async def test_many_watched_payments_leave_turns_to_others(tmp_path: Path) -> None:
    """Short reads take no turn of the loop: whoever makes many of them has to give it up."""
    async with telegrams.house(tmp_path, SHOW) as house:
        turns, between, looked = 0, list[int](), asyncio.Event()

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def changes() -> AsyncGenerator[frozenset[int]]:
            between.append(turns)
            yield frozenset()
            between.append(turns)
            looked.set()
            await asyncio.Event().wait()

        watch = Watch(replace(house.bot.room, changes=changes))
        for user_id in range(1, WATCHED + 1):
            paying = await pay_soon(house, user_id)
            who = Visitor(user_id=user_id, chat_id=user_id, update_id=1, name="Ana", language="en")
            await watch.follow(who, 1, paying)
        tasks = [asyncio.create_task(work) for work in (others(), watch.run())]
        await looked.wait()
        for task in tasks:
            task.cancel()
        assert between[1] - between[0] >= WATCHED


async def pay_soon(house: House, user_id: int) -> tuple[int, str, int]:
    """Bring somebody to where they pay; return (show, purchase, step)."""
    office, show_id, name = house.an_office.office, house.shows["samba"], str(user_id)
    await register(office, name)
    fan = Fan(office, show_id, name)
    await fan.join()
    await fan.choose()
    await fan.check_out()  # Cash at the counter: nobody reports meanwhile.
    view = await office.look.purchase(show_id, name)
    assert view is not None
    assert view.purchase.state is State.PAYING
    return show_id, name, view.purchase.last_seq


async def test_an_office_that_has_too_much_to_do_says_so_and_a_later_tap_goes_through(
    tmp_path: Path,
) -> None:
    """Its database is kept by another for a moment, while all that may wait at the desk waits."""
    clock, path = HandClock(), new_file(tmp_path / "office.db")
    async with (
        asyncio.timeout(60),
        LocalApi(clock) as api,
        telegrams.office_on(path, clock, Bank()) as an_office,
        telegram_bot(an_office, line_to(api), quick()) as opened,
        telegrams.polled(opened),
    ):
        office = an_office.office
        await telegrams.put_on(an_office, SHOW)
        await an_office.caretaker.round()
        ana = api.person("Ana", language="en")
        ana.send("/start samba")
        shown = await ana.offered("Buy tickets")
        waiting: list[Awaitable[object]] = []
        with closing(books.plain(path)) as other:
            books.run(other, "begin immediate")
            while len(waiting) < limits.REQUESTS_WAITING + limits.REQUESTS_PER_BATCH:
                with suppress(Overloaded):
                    waiting.append(office.run(Wake(show_id=9)))
                    continue
                await asyncio.sleep(0)
            answer = await ana.press(shown, "Buy tickets")
            books.run(other, "rollback")
        assert answer.text == "Very many people are here now. Tap again in a moment."
        assert answer.alert
        await asyncio.gather(*waiting, return_exceptions=True)
        await ana.press(shown, "Buy tickets")
        await ana.sees("Which tickets")


async def test_who_writes_faster_than_telegram_takes_answers_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    """One person is served at a time here, and Ana's next answer may not go for an hour."""
    clock, path = HandClock(), new_file(tmp_path / "office.db")
    pace = Pace(SystemClock(), Rate(per_s=1_000, each_ms=3_600_000), patient=True)
    async with (
        asyncio.timeout(60),
        LocalApi(clock) as api,
        telegrams.office_on(path, clock, Bank()) as an_office,
        telegram_bot(an_office, line_to(api), pace, at_once=1) as opened,
    ):
        polling = asyncio.create_task(
            telegrams.Poller(opened.bot, opened.front.take).run(asyncio.Event())
        )
        ana, bia = (api.person(name, language="en") for name in ("Ana", "Bia"))
        ana.send("/help")
        await ana.sees("How it works")
        ana.send("/line")
        bia.send("/help")
        await bia.sees("How it works")
        assert len(ana.messages) == 1
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def test_a_thousand_fans_at_an_opening(tmp_path: Path) -> None:
    """500 wait in the lobby, 500 come at the opening, 8 tickets: those first in line buy them.

    All have the show's message; each taps once, all of a half at the same moment.
    """
    crowd, early, tickets = 1_000, 500, 8
    opening = show(
        tier("Pista", tickets, fare("Inteira", 6_000)),
        slug="abertura",
        lobby_opens_ms=T0_MS,
        sale_opens_ms=T0_MS + 60_000,
        calls_max=tickets,
    )
    async with telegrams.house(tmp_path, opening, patience_s=240) as house:
        world, look, show_id = house.api.world, house.an_office.look, house.shows["abertura"]
        people = [house.api.person(f"Fan {n}", language="en") for n in range(crowd)]
        house.say(people[0], "/start abertura")
        shown = (await people[0].offered("Buy tickets")).message
        for person in people[1:]:
            world.post(
                person.chat, world.me, text=shown["text"], reply_markup=shown["reply_markup"]
            )

        async def ask(person: Person, *told: str) -> None:
            await person.press(person.messages[0], "Buy tickets")
            await person.until(lambda: any(text in person.messages[0].text for text in told))

        await asyncio.gather(*(ask(one, "You are in the lobby") for one in people[:early]))
        house.clock.ms = T0_MS + 60_000
        told = ("in the lobby", "Your number is", "It is your turn")
        await asyncio.gather(*(ask(one, *told) for one in people[early:]))
        while (found := await look.show(show_id)) is None or found.opened < tickets:
            house.clock.ms += 100
            await asyncio.sleep(0.01)
        everyone = {await _number(house, person): person for person in people}
        assert sorted(everyone) == list(range(1, crowd + 1)), "nobody is lost, or has two places"

        async def buy(person: Person) -> None:
            for key in ("Refresh", "Choose my tickets", "Inteira"):
                await person.press(await person.offered(key), key)
            await person.press(await person.sees("How many"), "1")
            await person.press(await person.offered("Pay by Pix"), "Pay by Pix")
            button = (await person.offered("Copy the code")).button("Copy the code")
            assert button is not None
            await house.bank.pay(house.an_office.office, button.copied)
            await person.sees("1 ticket is yours")

        await asyncio.gather(*(buy(everyone[number]) for number in range(1, tickets + 1)))
        next_in_line = everyone[tickets + 1]
        await next_in_line.press(await next_in_line.offered("Refresh"), "Refresh")
        await next_in_line.sees("All tickets are sold")
        found = await look.show(show_id)
        assert found is not None
        assert (found.valid, found.waiting, found.opened) == (tickets, crowd - tickets, 0)
        assert all(len(person.messages) == 1 for person in people), "edited in place"
    books.check(tmp_path / "office.db")


async def _number(house: House, person: Person) -> int:
    """Somebody's number in the only line there is."""
    customer = await house.an_office.look.customer_of("telegram", str(person.user_id))
    (purchase,) = await house.an_office.look.purchases_of(customer or "")
    return purchase.number or 0
