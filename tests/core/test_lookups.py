"""What the window looks up: people by what they can say, drawers, the door's list."""

from core import requests as ask
from core.box_office import BoxOffice
from core.lookups import PurchaseCard
from core.outcomes import CheckedOut, Registered
from core.terms import DAY_MS
from tests.auxil.drafts import CPF, T0_MS, fare, show, tier
from tests.auxil.fans import Fan
from tests.auxil.offices import publish


async def people(office: BoxOffice) -> None:
    """João has a ticket bought with a document, Ana is choosing, a walk-in has a number only."""
    await publish(office, show(tier("pista", 9, fare("social", document=True)), tier("balcao", 2)))
    await office.run(ask.OpenSale(show_id=1))
    for customer_id, name, contacts in (
        ("joao", "João da Silva", (("email", "joao@example.org"), ("phone", "+5581999990000"))),
        ("ana", "Ana Silveira", (("telegram", "77"),)),
        ("walk", "", (("walk_in", "eva/S1"),)),
        ("gone", "João Apagado", (("email", "gone@example.org"),)),
    ):
        answer = await office.register(
            ask.Register(customer_id=customer_id, name=name, contacts=contacts)
        )
        assert answer == Registered(customer_id)
    joao = Fan(office, 1, "joao")
    await joao.join()
    await office.choose(ask.Choose(show_id=1, purchase_id="joao", wanted=((1, 1),), document=CPF))
    order = await joao.check_out()
    assert isinstance(order, CheckedOut)
    await joao.pay(order.total_minor)
    await Fan(office, 1, "ana").join()
    await Fan(office, 1, "walk", "window").join()
    await office.erase(ask.Erase(customer_id="gone"))


def ids(cards: tuple[PurchaseCard, ...]) -> list[str]:
    return [card.purchase_id for card in cards]


async def test_people_are_found_by_what_they_can_say(office: BoxOffice) -> None:
    await people(office)
    look = office.look
    assert ids(await look.purchases_with(address="joao@example.org")) == ["joao"]
    assert ids(await look.purchases_with(address="+5581999990000")) == ["joao"]
    assert ids(await look.purchases_with(document="52998224725")) == ["joao"]
    assert ids(await look.purchases_with(name="JOAO silva")) == ["joao"]
    assert ids(await look.purchases_with(name="silv")) == ["ana", "joao"]
    assert ids(await look.purchases_with(from_ms=T0_MS, to_ms=T0_MS + 31 * DAY_MS)) == ["joao"]
    assert ids(await look.purchases_with(from_ms=T0_MS, to_ms=T0_MS + DAY_MS)) == ["joao"]
    show_ms = (await look.purchases_with(name="joao"))[0].starts_ms
    assert ids(await look.purchases_with(from_ms=show_ms, to_ms=show_ms + 1)) == ["joao"]
    assert await look.purchases_with(from_ms=T0_MS + DAY_MS, to_ms=show_ms) == ()
    assert await look.purchases_with(name="apagado") == ()
    assert await look.purchases_with() == ()
    assert await look.purchases_with(name="%") == ()


async def test_a_card_says_whose_and_what(office: BoxOffice) -> None:
    await people(office)
    (card,) = await office.look.purchases_with(document="52998224725")
    assert (card.name, card.state, card.tickets, card.total_minor) == (
        "João da Silva",
        "completed",
        1,
        110,
    )
    assert card.order_code == "1-1-JOAO"
    assert card.title == "Show show"


async def test_who_has_a_clock_is_told_apart_from_who_waits(office: BoxOffice) -> None:
    await people(office)
    for name in ("one", "two", "three"):
        await office.register(ask.Register(customer_id=name, contacts=(("telegram", name),)))
        await Fan(office, 1, name).join()
    opened = await office.look.open_people(1)
    assert ids(opened)[:2] == ["ana", "walk"]
    assert all(card.deadline_ms for card in opened)
    assert await office.look.open_people(2) == ()
    await office.run(ask.PauseSale(show_id=1))
    await office.register(ask.Register(customer_id="late", contacts=(("telegram", "late"),)))
    await Fan(office, 1, "late").join()
    assert ids(await office.look.line_people(1)) == ["late"]


async def test_the_sales_of_a_clerk_are_found_by_their_key(office: BoxOffice) -> None:
    await people(office)
    assert await office.look.sales_at("eva/") == ((1, "walk", "choosing"),)
    assert await office.look.sales_at("ev/") == ()


async def test_the_door_keeps_every_ticket(office: BoxOffice) -> None:
    await people(office)
    await office.check_in(ask.CheckIn(show_id=1, order_no=1, ticket_no=1, where="gate"))
    (ticket,) = await office.look.door_list(1)
    assert (ticket.order_no, ticket.ticket_no, ticket.state) == (1, 1, "valid")
    assert (ticket.used_ms, ticket.used_where) == (T0_MS, "gate")


async def test_drawers_and_methods_are_looked_at(office: BoxOffice) -> None:
    await people(office)
    hired = ask.SetClerk(name="eva", add=True, role="clerk", password_hash="x")
    await office.set_clerk(hired)
    assert await office.look.open_shift("eva") is None
    assert await office.look.shift("none") is None
    opened = ask.OpenShift(shift_id="s", currency="BRL", float_minor=7, actor="clerk:eva")
    await office.open_shift(opened)
    seen = await office.look.open_shift("eva")
    assert seen is not None
    assert (seen.shift.clerk, seen.expected_minor, seen.moves) == ("eva", 7, ())
    assert [shift.shift_id for shift in await office.look.shifts()] == ["s"]
    (cash,) = await office.look.methods(1)
    assert (cash.method, cash.payments, cash.taken_minor) == ("cash", 1, 110)


async def test_how_a_person_is_reached_and_what_failed(office: BoxOffice) -> None:
    await people(office)
    joao = await office.look.customer("joao")
    assert joao is not None
    assert joao.ways == (("email", "joao@example.org"), ("phone", "+5581999990000"))
    assert await office.look.messages(state="dead") == ()
    (effect,) = await office.take_effects("tests", ("receipt",), 1)
    done = ask.EffectDead(
        show_id=1, ledger_seq=effect.ledger_seq, item=effect.item, error="no such address"
    )
    await office.finish(done)
    (failed,) = await office.look.messages(state="dead", kind="receipt", customer_id="joao")
    effect = failed.effect
    assert (effect.kind, effect.purchase_id, failed.error) == ("receipt", "joao", "no such address")
    assert await office.look.messages(state="dead", kind="your_turn") == ()
