"""Puts answers and views into the few words that scenario tables use."""

import re
from collections.abc import Iterator

from core import outcomes as out
from core.lookups import ShiftView
from core.purchase import Purchase
from core.views import ShowView
from tests.auxil.drafts import T0_MS

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_SPAN = re.compile(r"(\d+)(ms|[dhms])")


def span_ms(text: str) -> int:
    """Read '+1h30m', '-5s' or '250ms'."""
    sign = -1 if text.startswith("-") else 1
    body = text.lstrip("+-")
    found = _SPAN.findall(body)
    if "".join(number + unit for number, unit in found) != body or not found:
        message = f"not a span of time: {text!r}"
        raise ValueError(message)
    return sign * sum(int(number) * _UNITS[unit] for number, unit in found)


def when(ms: int | None) -> str:
    """Write an instant as it lies from the beginning of the test: '+8m'."""
    if ms is None:
        return "never"
    rest, text = abs(ms - T0_MS), ""
    for unit, size in _UNITS.items():
        number, rest = divmod(rest, size)
        text += f"{number}{unit}" if number else ""
    return ("-" if ms < T0_MS else "+") + (text or "0s")


def _standing(answer: out.Standing) -> Iterator[str]:
    yield answer.state
    yield f"#{answer.number}" if answer.number is not None else "no number"
    yield f"held {sum(quantity for _, quantity, _ in answer.lines)}"
    yield f"until {when(answer.deadline_ms)}"
    yield f"at most {when(answer.session_ms)}"
    yield "sold out" if answer.sold_out else "not sold out"


def facts(answer: object) -> set[str]:
    """Return what an answer says, each fact in the words of the tables."""
    match answer:
        case out.Standing():
            return set(_standing(answer))
        case out.CheckedOut():
            fee = f"fee {answer.fee_minor}"
            return {f"to pay {answer.total_minor}", fee, f"until {when(answer.deadline_ms)}"}
        case out.Paid():
            return {"paid", f"tickets {answer.tickets}", f"order {answer.order_no}"}
        case out.Noted():
            return {"noted", answer.payment_state}
        case out.GivenBack():
            return {f"given back {answer.amount_minor}", answer.why}
        case out.Refunded():
            numbers = " ".join(map(str, answer.ticket_nos))
            return {f"refunded {answer.amount_minor}", f"tickets {numbers}", answer.state}
        case out.NotEnough():
            short = "tier" if answer.tier_no else "quota" if answer.quota_no else "promises"
            return {"not enough", f"left {answer.available}", f"of {short}"}
        case out.OverLimit():
            return {"over limit", f"limit {answer.limit}", f"has {answer.has}"}
        case out.NotYourTurn():
            return {"not your turn", answer.state, f"#{answer.number}"}
        case out.CallExpired():
            return {"call expired", answer.state}
        case out.WrongState():
            return {f"wrong state {answer.state}"}
        case out.NotOnSale():
            return {"not on sale", answer.status, f"opens {when(answer.opens_ms)}"}
        case out.SaleNow():
            return {f"sale {answer.status}"}
        case out.Admitted():
            return {"admitted", answer.tier, answer.fare, "proof" if answer.proof else "no proof"}
        case out.AlreadyUsed():
            return {"already used", f"at {answer.where}", f"on {when(answer.used_ms)}"}
        case out.ShiftNow():
            return set(_shift(answer))
        case ShiftView():
            sums = {f"{t.method} {t.taken_minor} back {t.returned_minor}" for t in answer.totals}
            return {f"holds {answer.expected_minor}", *sums}
        case out.NotEnoughInDrawer():
            return {"not enough in drawer", f"holds {answer.there_minor}"}
        case out.Malformed():
            return {"malformed", answer.field}
        case _:
            return {_words(type(answer).__name__)}


def _shift(answer: out.ShiftNow) -> Iterator[str]:
    yield f"shift {answer.number}"
    yield "open" if answer.counted_minor is None else "closed"
    yield f"expected {answer.expected_minor}"
    yield f"counted {answer.counted_minor}"


def _words(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r" \1", name).lower()


def purchase_facts(purchase: Purchase, ahead: int | None) -> set[str]:
    """Return how a purchase stands."""
    return {
        purchase.state.value,
        f"#{purchase.number}" if purchase.number is not None else "no number",
        f"ahead {ahead}",
        f"held {purchase.tickets if purchase.live else 0}",
        f"tickets {0 if purchase.live else purchase.tickets}",
        f"until {when(purchase.deadline_ms)}",
        f"at most {when(purchase.session_ms)}",
        f"on {purchase.pool or 'everyone'}'s tickets",
        f"ending {purchase.ending or 'no'}",
    }


def sale_facts(show: ShowView) -> set[str]:
    """Return how the sale of a show stands."""
    return {
        show.card.status,
        *(
            f"{name} {getattr(show, name)}"
            for name in ("lobby", "waiting", "opened", "promised", "paying", "valid")
        ),
    }


def stock_facts(show: ShowView, name: str) -> set[str]:
    """Return how a tier, a quota or an allotment ('pista@window') stands."""
    tier_name, _, channel = name.partition("@")
    numbers = {tier.tier_no: tier.name for tier in show.tiers}
    if channel:
        kept = next(
            a for a in show.allotments if a.channel == channel and numbers[a.tier_no] == tier_name
        )
        state = "released" if kept.released else "kept"
        return {f"taken {kept.taken}", f"of {kept.quantity}", state}
    for tier in show.tiers:
        if tier.name == name:
            return {f"{what} {getattr(tier, what)}" for what in ("held", "sold", "free", "kept")}
    return {f"left {fare.quota_left}" for fare in show.fares if fare.quota == name}
