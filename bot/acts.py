"""What a tap does: one request to the office at most, then the screen of how things stand."""

import asyncio
import io
from dataclasses import dataclass, replace

import segno

from bot.about import erase_screen, wishes
from bot.cases import Case
from bot.finding import find
from bot.marks import Do, Tap
from bot.refunds import ALL, refund_screen
from bot.refusals import refusal
from bot.room import Room, Visitor
from bot.screens import Key, Screen, plain, screen
from bot.showing import PAGE, Look, fare_name, list_screen, show_screen
from bot.standing import fare_screen, leave_screen, live_payment, purchase_screen
from core.house import LANGUAGES
from core.house_requests import FAN
from core.messages import REACHED_BY
from core.outcomes import CheckedOut, DocumentNeeded, Refunded, Standing
from core.payments import TicketState
from core.purchase import LIVE, Purchase, State
from core.requests import (
    TELEGRAM,
    CheckOut,
    Choose,
    Claim,
    Erase,
    Join,
    Leave,
    Prefer,
    Refund,
    StepBack,
)
from core.views import PurchaseView, ShowCard, ShowView

_BOUGHT_SHOWN = 8
_QR_SCALE = 8
_FRESH = frozenset({Do.TAKE, Do.PAY, Do.BACK, Do.LEAVE_SURELY, Do.REFUND_SURELY})
"""What is done only from the screen that shows how things stand now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is answered: a screen in place of the tapped one, and a line that passes."""

    screen: Screen | None = None
    toast: str = ""
    alert: bool = False
    ask_document: Tap | None = None
    """The person is to be asked for a CPF, for this tap to be done."""
    document: tuple[str, bytes, str] | None = None
    """A file to send: name, content, caption."""
    pictures: tuple[tuple[bytes, str], ...] = ()
    watch: tuple[int, str, int] | None = None
    """(show, purchase, step) that the screen shows, if its payment may change by itself."""


def qr_picture(text: str) -> bytes:
    """Return a text as a QR code, a PNG."""
    kept = io.BytesIO()
    segno.make(text, micro=False, mask=4).save(kept, kind="png", scale=_QR_SCALE)
    return kept.getvalue()


async def shows(room: Room, visitor: Visitor, words: str, page: int, above: str = "") -> Screen:
    """List shows that are still to come, or those that a search finds."""
    cards = await find(room, words, PAGE + 1, page * PAGE)
    return list_screen(room.look(visitor), cards, words, page, above)


async def one_show(room: Room, visitor: Visitor, show_id: int) -> Screen | None:
    """Show one show, with the way to the person's place there."""
    show = await room.office.look.show(show_id)
    if show is None:
        return None
    mine: Tap | None = None
    for purchase in await _purchases(room, visitor):
        if purchase.show_id == show_id and purchase.live:
            mine = _view_tap(purchase)
            break
    return show_screen(room.look(visitor), show, mine)


def _view_tap(purchase: Purchase) -> Tap:
    return Tap(do=Do.VIEW, show_id=purchase.show_id, purchase_id=purchase.purchase_id)


async def case_of(room: Room, visitor: Visitor, show_id: int, purchase_id: str) -> Case | None:
    """Return a purchase of this person's as it stands; None if it is not theirs, or not there."""
    look = room.office.look
    view = await look.purchase(show_id, purchase_id)
    if view is None or view.purchase.customer_id != visitor.customer_id:
        return None
    show = await look.show(show_id)
    assert show is not None, "a purchase is at a show"
    return await _case(room, room.look(visitor), show, view)


async def _case(room: Room, look: Look, show: ShowView, view: PurchaseView) -> Case:
    waits = view.purchase.state is State.IN_LINE
    heads = await room.office.look.line(show.card.show_id, 1) if waits else ()
    return Case(
        look=look,
        show=show,
        view=view,
        offers=room.offers(show),
        first_waiting=heads[0].number if heads else None,
    )


async def standing(room: Room, visitor: Visitor, show_id: int, purchase_id: str) -> Told:
    """Show where a purchase stands."""
    case = await case_of(room, visitor, show_id, purchase_id)
    if case is None:
        return Told(toast=room.look(visitor).speech.text("This place is not yours, or is gone."))
    return _stands(case)


def _stands(case: Case, said: str = "") -> Told:
    return Told(screen=purchase_screen(case), toast=said, watch=_worth_watching(case))


def _worth_watching(case: Case) -> tuple[int, str, int] | None:
    purchase = case.view.purchase
    if purchase.state is not State.PAYING:
        return None
    return purchase.show_id, purchase.purchase_id, purchase.last_seq


async def act(room: Room, visitor: Visitor, tap: Tap) -> Told:
    """Do what a tap asks."""
    match tap.do:
        case Do.SHOWS:
            page = tap.args[0] if tap.args else 0
            return Told(screen=await shows(room, visitor, tap.text, page))
        case Do.SHOW:
            found = await one_show(room, visitor, tap.show_id)
            return Told(screen=found or await shows(room, visitor, "", 0))
        case Do.JOIN:
            return await _join(room, visitor, tap)
        case Do.MINE:
            return Told(screen=await mine(room, visitor))
        case Do.ERASE:
            return Told(screen=erase_screen(room.look(visitor), visitor.customer_id or ""))
        case Do.ERASE_SURELY:
            return await _erase(room, visitor, tap.text)
        case Do.SPEAK:
            return await _speak(room, visitor, LANGUAGES[tap.args[0]])
        case Do.REACH:
            return await _reach(room, visitor, tuple(REACHED_BY[one] for one in tap.args))
        case _:
            return await _with_purchase(room, visitor, tap)


async def _join(room: Room, visitor: Visitor, tap: Tap) -> Told:
    visitor = await room.registered(visitor)
    made_of = ("purchase", visitor.user_id, tap.show_id, visitor.update_id)
    answer = await room.office.join(
        Join(
            show_id=tap.show_id,
            purchase_id=room.marks.new_id(*made_of),
            customer_id=visitor.customer_id or "",
            channel=TELEGRAM,
        )
    )
    if isinstance(answer, Standing):
        return await standing(room, visitor, answer.show_id, answer.purchase_id)
    show = await room.office.look.show(tap.show_id)
    if show is None:
        return Told(screen=await shows(room, visitor, "", 0))
    said = refusal(room.look(visitor), show, answer)
    return Told(screen=await one_show(room, visitor, tap.show_id), toast=said, alert=True)


async def _with_purchase(room: Room, visitor: Visitor, tap: Tap) -> Told:
    case = await case_of(room, visitor, tap.show_id, tap.purchase_id)
    if case is None:
        return await standing(room, visitor, tap.show_id, tap.purchase_id)
    if tap.do in _FRESH and tap.step != case.view.purchase.last_seq:
        said = case.look.speech.text("This has changed meanwhile: here is how it stands.")
        return _stands(case, said)
    match tap.do:
        case Do.FARE if case.view.purchase.state is State.CHOOSING and _has(case, tap):
            return Told(screen=fare_screen(case, tap.args[0]))
        case Do.LEAVE if case.view.purchase.state in LIVE:
            return Told(screen=leave_screen(case))
        case Do.REFUND if case.unused:
            return Told(screen=refund_screen(case, tap.args[0] if tap.args else None))
        case Do.TICKETS | Do.CODES | Do.PIX_PICTURE:
            return await _papers(room, case, tap)
        case Do.CLAIM | Do.TAKE | Do.PAY | Do.BACK | Do.LEAVE_SURELY | Do.REFUND_SURELY:
            return await _ask(room, visitor, case, tap)
        case _:
            return _stands(case)


def _has(case: Case, tap: Tap) -> bool:
    return bool(tap.args) and any(fare.fare_no == tap.args[0] for fare in case.show.offered)


async def _ask(room: Room, visitor: Visitor, case: Case, tap: Tap) -> Told:
    """Ask the office, then show what came of it."""
    answer = await _answer(room, case, tap)
    # The show's own facts are those of a moment ago: no screen of a purchase lives by them.
    view = await room.office.look.purchase(tap.show_id, tap.purchase_id)
    assert view is not None, "a purchase stays"
    told = _stands(await _case(room, room.look(visitor), case.show, view))
    if isinstance(answer, Standing | CheckedOut | Refunded):
        return told
    said = refusal(case.look, case.show, answer)
    ask = tap if isinstance(answer, DocumentNeeded) else None
    return replace(told, toast=said, alert=ask is None, ask_document=ask)


async def _answer(room: Room, case: Case, tap: Tap) -> object:
    office, show_id, purchase_id = room.office, tap.show_id, tap.purchase_id
    match tap.do:
        case Do.CLAIM:
            return await office.claim(Claim(show_id=show_id, purchase_id=purchase_id))
        case Do.TAKE:
            return await take(room, case, tap, None)
        case Do.PAY:
            return await _pay(room, case, tap)
        case Do.BACK:
            return await office.step_back(StepBack(show_id=show_id, purchase_id=purchase_id))
        case Do.LEAVE_SURELY:
            return await office.leave(Leave(show_id=show_id, purchase_id=purchase_id))
        case _:
            (ticket_no,) = tap.args
            return await office.refund(
                Refund(
                    show_id=show_id,
                    purchase_id=purchase_id,
                    refund_id=room.marks.new_id("refund", purchase_id, tap.step, ticket_no),
                    reason="asked for in Telegram",
                    ticket_nos=None if ticket_no == ALL else (ticket_no,),
                    actor=FAN,
                )
            )


async def take(room: Room, case: Case, tap: Tap, document: str | None) -> object:
    """Set how many tickets of one fare the basket holds; the others stay."""
    fare_no, quantity = tap.args
    wanted = {no: many for no, many, _ in case.view.purchase.lines}
    wanted[fare_no] = quantity
    return await room.office.choose(
        Choose(
            show_id=tap.show_id,
            purchase_id=tap.purchase_id,
            wanted=tuple((no, many) for no, many in wanted.items() if many),
            document=document,
        )
    )


async def _pay(room: Room, case: Case, tap: Tap) -> object:
    """Begin an attempt to pay: the same one, however often this step is tapped."""
    attempt, number = tap.args
    if number >= len(case.offers):
        return None
    offer = case.offers[number]
    return await room.office.check_out(
        CheckOut(
            show_id=tap.show_id,
            purchase_id=tap.purchase_id,
            payment_id=room.marks.new_id("payment", tap.purchase_id, attempt),
            gateway=offer.gateway,
            method=offer.method,
            outside=offer.outside,
        )
    )


async def _papers(room: Room, case: Case, tap: Tap) -> Told:
    """Give what is to be kept or scanned: the tickets, their codes, a Pix code as a picture."""
    now = purchase_screen(case)
    if tap.do is Do.PIX_PICTURE:
        payment = live_payment(case.view)
        if payment is None or payment.how is None or not payment.how.code:
            return Told(screen=now, watch=_worth_watching(case))
        caption = case.look.speech.text("Pix for {code}", code=case.view.order_code)
        return Told(screen=now, pictures=((qr_picture(payment.how.code), caption),))
    tickets = [one for one in case.view.tickets if one.state is TicketState.VALID]
    if not tickets:
        return Told(screen=now)
    name = f"{case.show.card.slug}-{case.view.order_code}"
    if tap.do is Do.TICKETS and room.papers is not None:
        language = case.look.speech.language
        content = await asyncio.to_thread(room.papers.tickets, case.show, case.view, language)
        return Told(screen=now, document=(f"{name}.pdf", content, case.show.card.title))
    fares = {fare.fare_no: fare_name(case.show, fare) for fare in case.show.fares}
    pictures = tuple(
        (
            qr_picture(room.ticket_code(one)),
            f"{case.show.card.title} · {fares[one.fare_no]} · {one.ticket_no}/{len(tickets)}",
        )
        for one in tickets
    )
    return Told(screen=now, pictures=pictures)


async def mine(room: Room, visitor: Visitor) -> Screen:
    """Show all places of the person that are live; the one there is, whole."""
    look = room.look(visitor)
    live = [purchase for purchase in await _purchases(room, visitor) if purchase.live]
    if len(live) == 1:
        told = await standing(room, visitor, live[0].show_id, live[0].purchase_id)
        if told.screen is not None:
            return told.screen
    said = look.speech.text("You are in no line now.")
    if live:
        said = look.speech.text("Your places:")
    return await _purchase_list(room, look, said, live)


async def bought(room: Room, visitor: Visitor) -> Screen:
    """Show the orders of the person that still have tickets."""
    look = room.look(visitor)
    done = [
        purchase
        for purchase in await _purchases(room, visitor)
        if purchase.state is State.COMPLETED and purchase.tickets
    ]
    said = look.speech.text("Your tickets:") if done else look.speech.text("You have no tickets.")
    return await _purchase_list(room, look, said, done)


async def _purchases(room: Room, visitor: Visitor) -> tuple[Purchase, ...]:
    if visitor.customer_id is None:
        return ()
    return await room.office.look.purchases_of(visitor.customer_id)


async def _purchase_list(room: Room, look: Look, said: str, purchases: list[Purchase]) -> Screen:
    keys: list[list[Key]] = []
    for purchase in purchases[:_BOUGHT_SHOWN]:
        show = await room.office.look.show(purchase.show_id)
        assert show is not None, "a purchase is at a show"
        keys.append([Key(_line_of(look, show.card, purchase), _view_tap(purchase))])
    everything = Key(look.speech.text("All shows"), Tap(do=Do.SHOWS))
    return screen([plain(said)], *keys, [everything])


def _line_of(look: Look, card: ShowCard, purchase: Purchase) -> str:
    day = look.speech.short_day(card.starts_ms, card.time_zone)
    many = f"{purchase.tickets} × " if purchase.tickets else ""
    return f"{many}{card.title} · {day}"


async def _speak(room: Room, visitor: Visitor, language: str) -> Told:
    """Speak a language to somebody from now on, here and in every message."""
    visitor = replace(await room.registered(visitor), language=language)
    await room.office.prefer(Prefer(customer_id=visitor.customer_id or "", language=language))
    said = room.look(visitor).speech.text("English from now on.")
    return Told(screen=await wishes(room, visitor), toast=said)


async def _reach(room: Room, visitor: Visitor, channels: tuple[str, ...]) -> Told:
    """Tell somebody by these kinds of contact from now on, in this order."""
    if visitor.customer_id is not None:
        await room.office.prefer(Prefer(customer_id=visitor.customer_id, channels=channels))
    return Told(screen=await wishes(room, visitor))


async def _erase(room: Room, visitor: Visitor, customer_id: str) -> Told:
    """Erase somebody, unless they are about to pay; who they have become since then stays."""
    speech = room.look(visitor).speech
    said = speech.text("Done: nothing here leads to you any more.")
    gone = Told(screen=screen([plain(said)]))
    if not customer_id or visitor.customer_id != customer_id:
        return gone
    live = [purchase for purchase in await _purchases(room, visitor) if purchase.live]
    if any(purchase.state is State.PAYING for purchase in live):
        said = speech.text("A payment is under way: make it or give it up first.")
        return Told(screen=await mine(room, visitor), toast=said, alert=True)
    for one in live:
        await room.office.leave(Leave(show_id=one.show_id, purchase_id=one.purchase_id))
    await room.office.erase(Erase(customer_id=customer_id))
    return gone
