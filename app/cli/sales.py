"""Selling from a script or a terminal: `sell`, `join`, `line`, `order view`, `refund`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.finding import find_actor, find_order, find_show, read_wanted
from app.cli.frame import Exit, Json, Refused, at_office, print_json, say, table
from app.cli.shows import Clerk, ShowName
from app.cli.tickets import ticket_rows
from app.cli.window import Money, Sold, WindowSale
from app.cli.words import amount, fare_name, local_time, refusal
from core.money import parse_amount
from core.outcomes import CheckedOut, Refunded, Standing
from core.payments import Payment
from core.purchase import State
from core.requests import Refund
from core.views import PurchaseView, ShowView
from payments.counter import (
    CARD,
    CASH,
    BadReference,
    NotEnoughCash,
    Taken,
    WrongCurrency,
    take_card,
    take_cash,
)

if TYPE_CHECKING:
    from app.wiring import Open
    from core.offers import Offers

order = typer.Typer(help="Look at orders.")
OrderCode = Annotated[str, typer.Argument(metavar="CODE", help="The order code: 3-1204-7KQX.")]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT", help="Names this sale: repeated with the same key, it goes on, once."
    ),
]
_WAITING = frozenset({State.IN_LOBBY, State.IN_LINE})
_KEY_MAX = 100


def sell(
    show: ShowName,
    take: Annotated[
        list[str], typer.Option(metavar="TIER/FARE=N", help="What to sell; may be repeated.")
    ],
    cash: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="What the customer hands over: 200.")
    ] = None,
    card: Annotated[
        str | None, typer.Option(metavar="NSU", help="The reference the card terminal printed.")
    ] = None,
    document: Annotated[
        str | None, typer.Option(metavar="CPF", help="Where a fare needs it.")
    ] = None,
    clerk: Clerk = None,
    key: Key = None,
    json: Json = False,
) -> None:
    """Sell tickets at the window. If others wait, the customer gets a place in line."""
    if (cash is None) == (card is None):
        raise Refused("say how it is paid: --cash AMOUNT or --card NSU", Exit.USAGE)
    if card is not None and not card.strip():
        raise Refused("--card takes the reference that the terminal printed", Exit.USAGE)
    _check_key(key)

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, show)
        wanted = read_wanted(found, take)
        actor = await find_actor(an_office, clerk, "clerk", "manager")
        language = an_office.settings.language
        money = _card(card or "", actor)
        if cash is not None:
            money = _cash(found, cash, actor, language)
        sale = WindowSale(an_office, found, key, actor)
        standing = await sale.join()
        if standing.state in _WAITING:
            await _tell_waiting(an_office, found, standing, sale.key, as_json=json)
            raise typer.Exit(Exit.WAITING)
        sold = await sale.sell(standing, wanted, document, money)
        _tell_sold(an_office, found, sold, as_json=json)

    at_office(work)


def _check_key(key: str | None) -> None:
    if key is not None and (not 0 < len(key) <= _KEY_MAX or not key.isprintable()):
        raise Refused(f"--key takes 1 to {_KEY_MAX} printable characters", Exit.USAGE)


def _cash(found: ShowView, text: str, actor: str, language: str) -> Money:
    currency = found.card.currency
    given_minor = parse_amount(text, currency)
    if given_minor is None:
        raise Refused(f"'{text}' is no amount in {currency}: write it like 120.00", Exit.USAGE)

    def take(order: CheckedOut) -> Taken:
        taken = take_cash(order, given_minor, currency, actor)
        match taken:
            case Taken():
                return taken
            case NotEnoughCash():
                due = amount(taken.due_minor, currency, language)
                given = amount(given_minor, currency, language)
                raise Refused(f"not sold: {due} is due and {given} was given")
            case WrongCurrency():
                raise Refused(f"not sold: this show is paid in {taken.currency}")

    return Money(method=CASH, take=take)


def _card(reference: str, actor: str) -> Money:
    def take(order: CheckedOut) -> Taken:
        taken = take_card(order, reference, actor)
        if isinstance(taken, BadReference):
            raise Refused(f"not sold: {taken.advice}")
        return taken

    return Money(method=CARD, take=take)


def _tell_sold(an_office: "Open", found: ShowView, sold: Sold, *, as_json: bool) -> None:
    view, settings = sold.view, an_office.settings
    assert view.order is not None, "what is sold has an order"
    rows = ticket_rows(found, view.tickets, an_office.signer, settings.language)
    if as_json:
        print_json(
            {
                "ok": True,
                "order": view.order_code,
                "total_minor": view.order.total_minor,
                "change_minor": sold.change_minor,
                "currency": view.order.currency,
                "tickets": rows,
            }
        )
        return
    card, currency = found.card, view.order.currency
    say(f"{settings.house}  order {view.order_code}")
    say(f"{card.title}, {local_time(card.starts_ms, card.time_zone, settings.language)}")
    _tell_lines(found, view, settings.language)
    if sold.change_minor is None:
        say("this sale was made before: take no money again")
    elif sold.change_minor:
        say(f"change {amount(sold.change_minor, currency, settings.language)}")
    for row in rows:
        say(f"ticket {row['ticket']}  {row['fare']}  {row['state']}\n  {row['code']}")


def _tell_lines(found: ShowView, view: PurchaseView, language: str) -> None:
    order_row = view.order
    assert order_row is not None, "an order has its row"
    for line in view.order_lines:
        each = amount(line.price_minor, order_row.currency, language)
        fee = amount(line.fee_minor, order_row.currency, language)
        apart = f" + fee {fee}" if line.fee_minor else ""
        say(f"{line.quantity} x {fare_name(found, line.fare_no)}  {each}{apart}")
    say(f"total {amount(order_row.total_minor, order_row.currency, language)}")


async def _tell_waiting(
    an_office: "Open", found: ShowView, standing: Standing, key: str, *, as_json: bool
) -> None:
    ahead = await an_office.look.position(standing.show_id, standing.purchase_id)
    facts = {"state": standing.state, "number": standing.number, "ahead": ahead, "key": key}
    if as_json:
        print_json({"ok": False, **facts})
        return
    if standing.state is State.IN_LOBBY:
        say(f"in the lobby of {found.card.slug}: the draw gives numbers when the sale opens")
    else:
        say(f"number {standing.number} in the line of {found.card.slug}, {ahead} ahead")
        if standing.sold_out:
            say("every ticket is sold: the place is kept for returned tickets")
    say(f"when it is their turn: bilheteria sell {found.card.slug} --key {key} --take ...")


def join(show: ShowName, key: Key = None, clerk: Clerk = None, json: Json = False) -> None:
    """Give a walk-in a place. It may be in the lobby, in line, or choosing at once."""
    _check_key(key)

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, show)
        actor = await find_actor(an_office, clerk, "clerk", "manager")
        sale = WindowSale(an_office, found, key, actor)
        standing = await sale.join()
        if standing.state in _WAITING:
            await _tell_waiting(an_office, found, standing, sale.key, as_json=json)
        elif json:
            number, state = standing.number, standing.state
            print_json({"ok": True, "state": state, "number": number, "key": sale.key})
        else:
            say(f"number {standing.number} of {found.card.slug}: {standing.state}")
            if standing.deadline_ms is not None:
                zone, language = found.card.time_zone, an_office.settings.language
                say(f"time until {local_time(standing.deadline_ms, zone, language)}")
                say(f"go on: bilheteria sell {found.card.slug} --key {sale.key} --take ...")

    at_office(work)


def leave(
    show: ShowName,
    key: Annotated[str, typer.Option(metavar="TEXT", help="The key the place was taken with.")],
    clerk: Clerk = None,
    json: Json = False,
) -> None:
    """Give a walk-in's place up. What it held goes to the next in line."""
    _check_key(key)

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, show)
        actor = await find_actor(an_office, clerk, "clerk", "manager")
        standing = await WindowSale(an_office, found, key, actor).leave()
        if json:
            print_json({"ok": True, "state": standing.state, "number": standing.number})
        else:
            say(f"the place with the key '{key}' at {found.card.slug}: {standing.state}")

    at_office(work)


def line(
    show: ShowName,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    json: Json = False,
) -> None:
    """List the first in the line of a show."""

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, show)
        card = found.card
        waiting = await an_office.look.line(card.show_id, limit)
        if json:
            people = [
                {"number": p.number, "channel": p.channel, "joined_ms": p.joined_ms}
                for p in waiting
            ]
            counts = {"lobby": found.lobby, "waiting": found.waiting, "opened": found.opened}
            print_json({"show_id": card.show_id, **counts, "line": people})
            return
        say(
            f"{card.slug}: {card.status}; lobby {found.lobby}, in line {found.waiting}, "
            f"called or choosing {found.opened}, free {card.free}"
        )
        language = an_office.settings.language
        rows = [
            (place, p.number, p.channel, local_time(p.joined_ms, card.time_zone, language))
            for place, p in enumerate(waiting, 1)
        ]
        if rows:
            table(("place", "number", "channel", "since"), rows)

    at_office(work)


@order.callback()
def _order() -> None:
    """Keep `view` a word of its own."""


@order.command()
def view(code: OrderCode, json: Json = False) -> None:
    """Show an order: its lines, payments, tickets, refunds."""

    async def work(an_office: "Open") -> None:
        found, purchase = await find_order(an_office, code)
        language = an_office.settings.language
        rows = ticket_rows(found, purchase.tickets, an_office.signer, language)
        if json:
            tickets = [{k: v for k, v in row.items() if k != "code"} for row in rows]
            print_json({**asdict(purchase), "tickets": tickets})
            return
        _tell_order(found, purchase, language, an_office.offers)
        for row in rows:
            say(f"ticket {row['ticket']}  {row['fare']}  {row['state']}")

    at_office(work)


def _tell_order(found: ShowView, purchase: PurchaseView, language: str, offers: "Offers") -> None:
    order_row = purchase.order
    assert order_row is not None, "an order that was found has its row"
    zone, currency = found.card.time_zone, order_row.currency
    placed = local_time(order_row.placed_ms, zone, language)
    say(f"order {purchase.order_code}  {order_row.state}, placed {placed}, {found.card.title}")
    _tell_lines(found, purchase, language)
    for payment in purchase.payments:
        paid = amount(payment.amount_minor, currency, language)
        say(
            f"payment {payment.method} by {payment.gateway}: {payment.state}, {paid}"
            + (f" ({_reference(payment, language)})" if payment.reference else "")
            + ("" if offers.moves_money(payment.gateway) else "; a trial, no money moves")
        )
    for refund_row in purchase.refunds:
        back = amount(refund_row.amount_minor, currency, language)
        at = local_time(refund_row.created_ms, zone, language)
        name = f"refund {refund_row.refund_id}"
        say(f"{name}: {refund_row.state}, {back}, {at}: {refund_row.reason}")


def _reference(payment: Payment, language: str) -> str:
    if payment.cash is None:
        return payment.reference
    given, change = (amount(minor, payment.currency, language) for minor in payment.cash)
    return f"{given} given, {change} change"


def refund(
    code: OrderCode,
    reason: Annotated[str, typer.Option(help="Why, for the ledger and the customer.")],
    ticket: Annotated[
        list[int] | None, typer.Option(min=1, help="Only this ticket number; may be repeated.")
    ] = None,
    clerk: Clerk = None,
    json: Json = False,
) -> None:
    """Refund an order, or some of its tickets. What is freed goes to the next in line."""

    async def work(an_office: "Open") -> None:
        found, purchase = await find_order(an_office, code)
        actor = await find_actor(an_office, clerk, "manager")
        language = an_office.settings.language
        answer = await an_office.office.refund(
            Refund(
                show_id=found.card.show_id,
                purchase_id=purchase.purchase.purchase_id,
                refund_id=an_office.ids.new(),
                reason=reason,
                ticket_nos=tuple(ticket) if ticket else None,
                actor=actor,
            )
        )
        if not isinstance(answer, Refunded):
            raise Refused(f"not refunded: {refusal(answer, found, language)}")
        if json:
            print_json({"ok": True, **asdict(answer)})
            return
        back = amount(answer.amount_minor, found.card.currency, language)
        numbers = ", ".join(map(str, answer.ticket_nos))
        say(f"refunded {back}: ticket {numbers} of order {purchase.order_code}")
        say(_how_back(_paid_by(purchase), back))

    at_office(work)


def _paid_by(purchase: PurchaseView) -> Payment:
    its_id = purchase.purchase.payment_id
    return next(p for p in purchase.payments if p.payment_id == its_id)


def _how_back(payment: Payment, back: str) -> str:
    if payment.outside:
        return f"{payment.gateway} was asked to give it back; see `bilheteria order view`"
    if payment.method == CARD:
        return f"give {back} back on the card terminal, NSU {payment.reference}"
    return f"hand back {back} in cash"
