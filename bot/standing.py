"""Screens of a purchase: where it stands, and what can be done now. Rebuilt from the office."""

from bot.cases import Case, head, until
from bot.marks import Do, Tap
from bot.screens import COPIED_MAX, Key, Screen, bold, cut, fitting, plain, screen
from bot.showing import fare_name, left, price, refund_rule, status_line
from core.payments import UNDER_WAY, ActionKind, Payment, RefundState
from core.purchase import State
from core.sale import Status
from core.terms import MINUTE_MS
from core.views import PurchaseView

_BUTTON = 48
_SERVED_LEAST = 5
"""With fewer served than this, the line's pace says nothing yet."""
_PER_ROW = 4
_FARES_MAX = 48
"""Their buttons stay under the 10 KB that Telegram takes."""
_TICKETS_MAX = 20


def purchase_screen(case: Case) -> Screen:
    """Show where a purchase stands."""
    match case.view.purchase.state:
        case State.IN_LOBBY:
            return _lobby(case)
        case State.IN_LINE:
            return _line(case)
        case State.CALLED:
            return _called(case)
        case State.CHOOSING:
            return _choosing(case)
        case State.PAYING:
            return _paying(case)
        case State.COMPLETED:
            return _completed(case)
        case State.LEFT | State.LAPSED | State.CLOSED:
            return _over(case)


def _refresh(case: Case) -> Key:
    return Key(case.look.speech.text("Refresh"), case.tap(Do.VIEW))


def _give_up(case: Case) -> Key:
    return Key(case.look.speech.text("Give up"), case.tap(Do.LEAVE))


def _lobby(case: Case) -> Screen:
    speech = case.look.speech
    zone = case.show.card.time_zone
    opens_ms: int = case.terms["sale_opens_ms"]
    at, day = speech.clock_time(opens_ms, zone), speech.short_day(opens_ms, zone)
    said = speech.text(
        "You are in the lobby. On {day} at {at} everybody in it is put in order by lot: "
        "it does not matter who came first, and you need not stay connected.",
        day=day,
        at=at,
    )
    many = speech.plural("{n} person is here.", "{n} people are here.", case.show.lobby)
    return screen(
        [head(case), plain(said), plain(many)],
        [_refresh(case), _give_up(case)],
    )


def _line(case: Case) -> Screen:
    speech, view = case.look.speech, case.view
    ahead = view.ahead or 0
    number = speech.text("Your number is {number}.", number=view.purchase.number)
    first = speech.text("You are first in line.")
    many = speech.plural("{n} person is ahead of you.", "{n} people are ahead of you.", ahead)
    card = case.show.card
    paused = status_line(case.look, card) if card.status == Status.PAUSED else ""
    stay = speech.text("You are called here; your place is kept, connected or not.")
    return screen(
        [
            head(case),
            f"{bold(number)} {plain(many if ahead else first)}",
            plain(paused or estimate(case)),
            plain(stay),
        ],
        [_refresh(case), _give_up(case)],
    )


def estimate(case: Case) -> str:
    """Say how long it may take, and what that is worked out from; nothing where it can't be told.

    The pace is that of the sale so far: who has a smaller number than the head of the line was
    served, in the time since the opening. It is no promise, and says so. Without an opening draw it
    would be the pace of people coming.
    """
    speech, show = case.look.speech, case.show
    ahead = case.view.ahead or 0
    unsold = show.card.capacity - show.valid
    if case.view.sold_out:
        return speech.text("All tickets are sold: you keep your place for those that come back.")
    if ahead >= unsold:
        left = speech.plural("{n} ticket is unsold", "{n} tickets are unsold", unsold)
        return speech.text("{left}, no more than there are people ahead of you.", left=left)
    opened_ms = case.look.now_ms - max(case.terms["sale_opens_ms"], 0)
    served = (case.first_waiting or 1) - 1
    if served < _SERVED_LEAST or opened_ms <= 0 or case.terms["lobby_opens_ms"] is None:
        return speech.text("How long it takes can't be told yet.")
    wait_ms = max((ahead + 1) * opened_ms // served, MINUTE_MS)
    wait = speech.span(wait_ms // MINUTE_MS * MINUTE_MS)
    return speech.plural(
        "About {wait}, if it goes on as since the opening: {n} person served so far.",
        "About {wait}, if it goes on as since the opening: {n} people served so far.",
        served,
        wait=wait,
    )


def _called(case: Case) -> Screen:
    speech = case.look.speech
    said = speech.text("It is your turn! A ticket is kept for you.")
    key = Key(speech.text("Choose my tickets"), case.tap(Do.CLAIM))
    deadline = until(case) or speech.text("Your time starts when this message reaches you.")
    return screen(
        [head(case), bold(said), plain(deadline)], [key], [_refresh(case), _give_up(case)]
    )


def _basket(case: Case, others: list[str]) -> str:
    """Say what is in the basket, beside others: prices, then fees apart, then the total."""
    speech, card = case.look.speech, case.show.card
    fares = {fare.fare_no: fare for fare in case.show.fares}
    lines: list[str] = []
    prices = fees = 0
    for fare_no, quantity, _ in case.view.purchase.lines:
        fare = fares[fare_no]
        prices, fees = prices + quantity * fare.price_minor, fees + quantity * fare.fee_minor
        amount = speech.money(quantity * fare.price_minor, card.currency)
        lines.append(plain(f"{quantity} × {cut(fare_name(case.show, fare), _BUTTON)}: {amount}"))
    if not lines:
        return ""
    fee = speech.text("Fees: {fee}", fee=speech.money(fees, card.currency))
    total = speech.text("Total: {total}", total=speech.money(prices + fees, card.currency))
    sums = f"{plain(fee)}\n{bold(total)}"
    return f"{fitting(lines, [sums, *others], more='…')}\n{sums}"


def _proof(case: Case) -> str:
    chosen = {fare_no for fare_no, _, _ in case.view.purchase.lines}
    if any(fare.proof and fare.fare_no in chosen for fare in case.show.fares):
        return case.look.speech.text("Bring the document that proves the half price to the door.")
    return ""


def _choosing(case: Case) -> Screen:
    speech, card = case.look.speech, case.show.card
    chosen = {fare_no: quantity for fare_no, quantity, _ in case.view.purchase.lines}
    keys: list[list[Key]] = []
    for fare in case.show.offered[:_FARES_MAX]:
        mark = f"{chosen[fare.fare_no]} × " if fare.fare_no in chosen else ""
        name = cut(fare_name(case.show, fare), _BUTTON // 2)
        text = f"{mark}{name} · {price(case.look, fare, card.currency)}"
        keys.append([Key(text, case.tap(Do.FARE, fare.fare_no))])
    above = [head(case), plain(until(case))]
    if chosen:
        keys += [[key] for key in pay_keys(case)]
        below = [plain(_proof(case)), plain(refund_rule(case.look, case.show))]
        parts = [*above, _basket(case, above + below), *below]
    else:
        parts = [*above, plain(speech.text("Which tickets do you want?"))]
    return screen(parts, *keys, [_refresh(case), _give_up(case)])


def pay_keys(case: Case) -> list[Key]:
    """Return a button for each way to pay."""
    speech = case.look.speech
    names = {
        "pix": speech.text("Pay by Pix"),
        "card": speech.text("Pay by card"),
        "invoice": speech.text("Pay in Telegram"),
    }
    attempt = len(case.view.payments)
    keys: list[Key] = []
    for number, offer in enumerate(case.offers):
        name = names.get(offer.method) or speech.text("Pay: {method}", method=offer.method)
        if not offer.moves_money:
            name = speech.text("{name} (a trial, no money moves)", name=name)
        keys.append(Key(name, case.tap(Do.PAY, attempt, number)))
    return keys


def fare_screen(case: Case, fare_no: int) -> Screen:
    """Ask how many tickets of a fare."""
    speech, card = case.look.speech, case.show.card
    fare = next(f for f in case.show.fares if f.fare_no == fare_no)
    chosen = {no: many for no, many, _ in case.view.purchase.lines}
    mine = chosen.pop(fare_no, 0)
    may_have: int = case.terms["limit_per_customer"] - sum(chosen.values())
    most = min(may_have, left(case.show, fare) + mine, _TICKETS_MAX)
    numbers = [Key(str(n), case.tap(Do.TAKE, fare_no, n)) for n in range(1, most + 1)]
    rows = [numbers[at : at + _PER_ROW] for at in range(0, len(numbers), _PER_ROW)]
    none = Key(speech.text("None"), case.tap(Do.TAKE, fare_no, 0))
    back = Key(speech.text("Back"), case.tap(Do.VIEW))
    said = (
        speech.text("How many tickets?") if most > 0 else speech.text("None of these is free now.")
    )
    needs = speech.text("You are asked for the CPF of who will use it.") if fare.document else ""
    name = f"{bold(fare_name(case.show, fare))}: {plain(price(case.look, fare, card.currency))}"
    return screen(
        [head(case), plain(until(case)), name, plain(said), plain(needs)], *rows, [none, back]
    )


def live_payment(view: PurchaseView) -> Payment | None:
    """Return the payment under way, if there is one."""
    for payment in reversed(view.payments):
        if payment.state in UNDER_WAY:
            return payment
    return None


def _paying(case: Case) -> Screen:
    speech = case.look.speech
    payment = live_payment(case.view)
    above, parts = [head(case), plain(until(case))], list[str]()
    keys: list[list[Key]] = []
    if case.view.purchase.ending:
        parts.append(plain(speech.text("The payment is being called off. Wait a moment.")))
    elif payment is None:
        parts.append(plain(speech.text("The payment was not made. You can try again.")))
        keys += [[key] for key in pay_keys(case)]
    elif payment.how is None:
        parts.append(plain(speech.text("The payment is being prepared. It appears here.")))
    else:
        parts, keys = _how(case, payment)
    parts.append(_trial(case))
    parts = [*above, _basket(case, above + parts), *parts]
    back = Key(speech.text("Change the tickets"), case.tap(Do.BACK))
    return screen(parts, *keys, [back], [_refresh(case), _give_up(case)])


def _trial(case: Case) -> str:
    """Say that no money moves, where none does."""
    said = case.look.speech.text("This is a trial: no money moves.")
    return "" if case.moves_money else bold(said)


def _how(case: Case, payment: Payment) -> tuple[list[str], list[list[Key]]]:
    """Say how a payment is made."""
    speech, action = case.look.speech, payment.how
    assert action is not None, "it was looked at"
    match action.kind:
        case ActionKind.PIX:
            said = speech.text(
                "Copy this code and pay it in your bank's app (Pix, copy and paste):"
            )
            keys = [[Key(speech.text("Show the QR code"), case.tap(Do.PIX_PICTURE))]]
            if len(action.code) <= COPIED_MAX:
                keys.insert(0, [Key(speech.text("Copy the code"), copied=action.code)])
            return [plain(said), f"<code>{plain(action.code)}</code>"], keys
        case ActionKind.LINK:
            said = speech.text("Pay on the page that the button opens.")
            return [plain(said)], [[Key(speech.text("Open the payment page"), url=action.url)]]
        case ActionKind.INVOICE:
            said = speech.text("Pay here in Telegram, by the button.")
            return [plain(said)], [[Key(speech.text("Pay"), url=action.url)]]


def _completed(case: Case) -> Screen:
    speech, view = case.look.speech, case.view
    paid = speech.text("Paid. Your order is {code}.", code=view.order_code)
    valid = view.purchase.tickets
    many = speech.plural("{n} ticket is yours.", "{n} tickets are yours.", valid)
    parts = [head(case), bold(paid), plain(many), plain(_proof(case) if valid else "")]
    parts += [*(plain(line) for line in _refund_lines(case)), _trial(case)]
    keys: list[list[Key]] = []
    if valid:
        keys.append(
            [
                Key(speech.text("Tickets (PDF)"), case.tap(Do.TICKETS)),
                Key(speech.text("QR codes"), case.tap(Do.CODES)),
            ]
        )
    if case.unused and case.look.now_ms < (case.terms["refunds_until_ms"] or 0):
        parts.append(plain(refund_rule(case.look, case.show)))
        keys.append([Key(speech.text("Give tickets back"), case.tap(Do.REFUND))])
    return screen(parts, *keys, [_refresh(case)])


def _refund_lines(case: Case) -> list[str]:
    speech = case.look.speech
    lines: list[str] = []
    for refund in case.view.refunds:
        amount = speech.money(refund.amount_minor, case.show.card.currency)
        match refund.state:
            case RefundState.DONE:
                lines.append(speech.text("{amount} was returned.", amount=amount))
            case RefundState.PENDING:
                lines.append(speech.text("{amount} is on its way back.", amount=amount))
            case RefundState.FAILED:
                lines.append(
                    speech.text("{amount} could not be returned yet: we see to it.", amount=amount)
                )
    return lines


def _over(case: Case) -> Screen:
    speech, purchase = case.look.speech, case.view.purchase
    ends = {
        State.LEFT: speech.text("You gave up this place."),
        State.LAPSED: speech.text("The time for this purchase ended."),
        State.CLOSED: speech.text("The sale ended."),
    }
    again = Key(speech.text("The show"), Tap(do=Do.SHOW, show_id=purchase.show_id))
    lines = [plain(line) for line in _refund_lines(case)]
    return screen([head(case), plain(ends[purchase.state]), *lines], [again])


def leave_screen(case: Case) -> Screen:
    """Ask once more before a place is given up."""
    speech = case.look.speech
    said = speech.text("Give up your place? It goes to the next in line.")
    return screen(
        [head(case), plain(said)],
        [Key(speech.text("Yes, give it up"), case.tap(Do.LEAVE_SURELY))],
        [Key(speech.text("No, keep it"), case.tap(Do.VIEW))],
    )
