"""Looks at what is committed, for `core.views.Views`; any engine that can fetch rows will do."""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from core import limits
from core.ledger import Entry, encode, previous
from core.lookups import (
    CustomerView,
    DoorTicket,
    MessageView,
    PurchaseCard,
    ShiftView,
    Stakes,
)
from core.messages import Attempt, Effect, EffectState
from core.payments import read_lines
from core.purchase import Purchase, State
from core.receipts import order_code
from core.search import normalise
from core.shifts import Move, Shift, Tally, Total, add_up, expected_minor
from core.views import (
    AllotmentView,
    Clerk,
    FareView,
    OutboxCount,
    PaymentName,
    PurchaseView,
    ShowCard,
    ShowView,
    Takings,
    TierView,
)
from data.reading import Row, order_of, payment_of, purchase_of, refund_of, ticket_of

_FAR_MS = 253_402_300_800_000
"""The year 10000: past every show."""
_CARD_CELLS = 14
_SOUGHT_CHARACTERS = 300
"""Of what is searched for, so much is looked at: SQLite refuses patterns of 50,000 bytes."""
_NO_PATTERN = str.maketrans("", "", "%_\\")
"""What means something to LIKE on either engine."""
_EFFECT_CELLS = 11
_TOO_LONG = 19
"""For a number of SQLite's."""


class Reader(Protocol):
    """A store, as views read from it."""

    def rows(self, name: str, **values: int | str | None) -> Awaitable[list[Row]]:
        """Run a reading statement by name and return its rows."""
        ...

    def together(self, *names: str, **values: int | str | None) -> Awaitable[list[list[Row]]]:
        """Run several short ones, on one snapshot; return the rows of each.

        Every value is for all.
        """
        ...


def _flags(row: Row, *places: int) -> Row:
    """Return the row with the integers at these places as truth values."""
    return tuple(bool(cell) if place in places else cell for place, cell in enumerate(row))


def _sought(text: str) -> str:
    """Write the words that are searched for as statements take them."""
    words = (word.translate(_NO_PATTERN) for word in normalise(text[:_SOUGHT_CHARACTERS]).split())
    return encode([(word,) for word in words if word])


class SqlViews:
    """`core.views.Views` over SQL statements."""

    def __init__(self, store: Reader) -> None:
        self._fetch = store.rows
        self._together = store.together

    async def search(  # noqa: PLR0913 - each narrows the search in its own way
        self,
        *,
        words: str = "",
        city: str = "",
        venue: str = "",
        from_ms: int = 0,
        to_ms: int | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[ShowCard, ...]:
        rows = await self._fetch(
            "show_cards",
            words=_sought(f"{words} {city} {venue}"),
            from_ms=from_ms,
            to_ms=_FAR_MS if to_ms is None else to_ms,
            most=limit,
            skip=offset,
        )
        cards = (ShowCard(*row) for row in rows)
        return tuple(
            card
            for card in cards
            if normalise(city) in normalise(card.city) and normalise(venue) in normalise(card.venue)
        )

    async def show_id(self, slug: str) -> int | None:
        digits = slug.isascii() and slug.isdigit() and len(slug) < _TOO_LONG and slug[0] != "0"
        number = int(slug) if digits else None
        (rows,) = await self._together("show_id_of", slug=slug, show_id=number)
        return rows[0][0] if rows else None

    async def show(self, show_id: int) -> ShowView | None:
        rows, tiers, fares, allotments = await self._together(
            "show_whole", "show_tiers", "show_fares", "show_allotments", show_id=show_id
        )
        if not rows:
            return None
        card = ShowCard(*rows[0][:_CARD_CELLS])
        plain, lobby, waiting, opened, paying, valid, *draw = rows[0][_CARD_CELLS:]
        seed_digest, list_digest, seed, promised = draw
        return ShowView(
            card=card,
            plain=plain,
            tiers=tuple(TierView(*_flags(row, 6)) for row in tiers),
            fares=tuple(FareView(*_flags(row, 5, 6, 9)) for row in fares),
            allotments=tuple(AllotmentView(*_flags(row, 5)) for row in allotments),
            lobby=lobby,
            waiting=waiting,
            opened=opened,
            promised=promised,
            paying=paying,
            valid=valid,
            seed_digest=seed_digest,
            list_digest=list_digest,
            seed=seed,
        )

    async def position(self, show_id: int, purchase_id: str) -> int | None:
        rows = await self._fetch(
            "position",
            show_id=show_id,
            purchase_id=purchase_id,
            block_places=limits.PLACES_PER_BLOCK,
        )
        return rows[0][0] if rows else None

    async def purchase(self, show_id: int, purchase_id: str) -> PurchaseView | None:
        rows, sold_out, orders, payments, tickets, refunds = await self._together(
            *("purchase_by_id", "sold_out", "order_by_purchase"),
            *("payments_by_purchase", "tickets_of_purchase", "refunds_of_purchase"),
            show_id=show_id,
            purchase_id=purchase_id,
        )
        if not rows:
            return None
        purchase = purchase_of(rows[0])
        order = order_of(orders[0]) if orders else None
        waits = purchase.state is State.IN_LINE
        code = order_code(show_id, purchase.number or 0, purchase_id)
        return PurchaseView(
            purchase=purchase,
            ahead=await self.position(show_id, purchase_id) if waits else None,
            sold_out=bool(sold_out[0][0]),
            order=order,
            order_code=code if order else None,
            order_lines=read_lines(order.lines) if order else (),
            payments=tuple(payment_of(row) for row in payments),
            tickets=tuple(ticket_of(row) for row in tickets),
            refunds=tuple(refund_of(row) for row in refunds),
        )

    async def purchase_by_number(self, show_id: int, number: int) -> PurchaseView | None:
        rows = await self._fetch("purchase_by_number", show_id=show_id, number=number)
        return await self.purchase(show_id, rows[0][0]) if rows else None

    async def purchases_of(self, customer_id: str, limit: int = 50) -> tuple[Purchase, ...]:
        (rows,) = await self._together("purchases_of_customer", customer_id=customer_id, most=limit)
        return tuple(purchase_of(row) for row in rows)

    async def line(self, show_id: int, limit: int = 50) -> tuple[Purchase, ...]:
        rows = await self._fetch("line_heads", show_id=show_id, after_place=0, most=limit)
        return tuple(purchase_of(row) for row in rows)

    async def history(self, show_id: int, purchase_id: str) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        found = await self._fetch("purchase_by_id", show_id=show_id, purchase_id=purchase_id)
        seq = purchase_of(found[0]).last_seq if found else 0
        while seq:
            rows = await self._fetch("entry", show_id=show_id, seq=seq)
            entries.append(Entry(*rows[0]))
            seq = previous(entries[-1], purchase_id)
        return tuple(reversed(entries))

    async def due_purchases(self, now_ms: int, limit: int) -> tuple[tuple[int, str], ...]:
        rows = await self._fetch("purchases_due", now_ms=now_ms, most=limit)
        return tuple((show_id, purchase_id) for show_id, purchase_id in rows)

    async def due_shows(self, now_ms: int, limit: int) -> tuple[tuple[int, str], ...]:
        rows = await self._fetch("shows_due", now_ms=now_ms, most=limit)
        return tuple((show_id, status) for show_id, status in rows)

    async def next_due_ms(self) -> int | None:
        rows = await self._fetch("next_due")
        due = [ms for ms in rows[0] if ms is not None]
        return min(due) if due else None

    async def lobby_ids(self, show_id: int, after: str, limit: int) -> tuple[str, ...]:
        rows = await self._fetch("lobby_ids", show_id=show_id, after=after, most=limit)
        return tuple(purchase_id for (purchase_id,) in rows)

    async def unsettled(self, show_id: int, limit: int, after: str = "") -> tuple[str, ...]:
        rows = await self._fetch("unsettled", show_id=show_id, after=after, most=limit)
        return tuple(purchase_id for (purchase_id,) in rows)

    async def untold(self, show_id: int, limit: int) -> tuple[str, tuple[str, ...]] | None:
        rows = await self._fetch("untold", show_id=show_id, most=limit)
        if not rows:
            return None
        return rows[0][0], tuple(purchase_id for _, purchase_id in rows if purchase_id is not None)

    async def takings(self, show_id: int | None = None) -> tuple[Takings, ...]:
        sums: dict[tuple[str, ...], list[int]] = {}
        for row in await self._fetch("takings", show_id=show_id or 0):
            slug, tier, fare, channel, method, zone, placed_ms, state, price, fee, currency = row
            placed = datetime.fromtimestamp(placed_ms / 1_000, UTC).astimezone(ZoneInfo(zone))
            key = (slug, tier, fare, channel, method, f"{placed:%Y-%m-%d}", currency)
            total = sums.setdefault(key, [0, 0, 0, 0])
            total[0] += 1
            if state == "valid":
                total[2] += price
                total[3] += fee
            else:
                total[1] += 1
        rows: list[Row] = [(*key[:6], *total, key[6]) for key, total in sums.items()]
        return tuple(Takings(*row) for row in rows)

    async def clerks(self) -> tuple[Clerk, ...]:
        return tuple(Clerk(*row) for row in await self._fetch("clerks_all"))

    async def outbox(self) -> tuple[OutboxCount, ...]:
        return tuple(OutboxCount(*row) for row in await self._fetch("outbox_counts"))

    async def payments_open(self, before_ms: int, limit: int) -> tuple[PaymentName, ...]:
        rows = await self._fetch("payments_open", before_ms=before_ms, most=limit)
        return tuple(PaymentName(*row) for row in rows)

    async def payments_since(
        self, since_ms: int, limit: int, after: PaymentName | None = None
    ) -> tuple[PaymentName, ...]:
        rows = await self._fetch(
            "payments_since",
            since_ms=since_ms,
            most=limit,
            show_id=after.show_id if after else 0,
            purchase_id=after.purchase_id if after else "",
            payment_id=after.payment_id if after else "",
        )
        return tuple(PaymentName(*row) for row in rows)

    async def refunds_failed(self, before_ms: int, limit: int) -> tuple[PaymentName, ...]:
        rows = await self._fetch("refunds_failed", before_ms=before_ms, most=limit)
        return tuple(PaymentName(*row) for row in rows)

    async def effects_of(self, show_id: int, purchase_id: str) -> tuple[Effect, ...]:
        rows = await self._fetch("effects_of_purchase", show_id=show_id, purchase_id=purchase_id)
        return tuple(Effect(*row) for row in rows)

    async def purchases_with(
        self,
        *,
        address: str = "",
        document: str = "",
        name: str = "",
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int = 50,
    ) -> tuple[PurchaseCard, ...]:
        if address:
            rows = await self._fetch("cards_by_address", address=address, most=limit)
        elif document:
            rows = await self._fetch("cards_by_document", document=document, most=limit)
        elif normalise(name):
            rows = await self._fetch("cards_by_name", words=_sought(name), most=limit)
        elif from_ms is not None:
            till_ms = _FAR_MS if to_ms is None else to_ms
            rows = await self._fetch("cards_by_date", from_ms=from_ms, to_ms=till_ms, most=limit)
        else:
            rows = []
        return tuple(PurchaseCard(*row) for row in rows)

    async def purchase_card(self, show_id: int, purchase_id: str) -> PurchaseCard | None:
        rows = await self._fetch("card_by_id", show_id=show_id, purchase_id=purchase_id)
        return PurchaseCard(*rows[0]) if rows else None

    async def open_people(self, show_id: int, limit: int = 100) -> tuple[PurchaseCard, ...]:
        rows = await self._fetch("cards_open", show_id=show_id, most=limit)
        return tuple(PurchaseCard(*row) for row in rows)

    async def line_people(self, show_id: int, limit: int = 100) -> tuple[PurchaseCard, ...]:
        rows = await self._fetch("cards_in_line", show_id=show_id, most=limit)
        return tuple(PurchaseCard(*row) for row in rows)

    async def sales_at(self, prefix: str, limit: int = 20) -> tuple[tuple[int, str, str], ...]:
        last = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        rows = await self._fetch("sales_by_key", first=prefix, last=last, most=limit)
        return tuple((show_id, purchase_id, state) for show_id, purchase_id, state in rows)

    async def methods(self, show_id: int) -> tuple[Total, ...]:
        return tuple(Total(*row) for row in await self._fetch("methods_of_show", show_id=show_id))

    async def stakes(self, show_id: int) -> Stakes:
        return Stakes(*(await self._fetch("show_stakes", show_id=show_id))[0])

    async def shift(self, shift_id: str) -> ShiftView | None:
        rows, moved, counted = await self._together(
            "shifts_by_id", "shift_moves_of", "shift_tallies", keys=encode([(shift_id,)])
        )
        if not rows:
            return None
        shift = Shift(*rows[0])
        moves = [Move(*row) for row in moved]
        tallies = [Tally(*row[1:]) for row in counted]
        return ShiftView(
            shift=shift,
            totals=add_up(tallies, shift.currency),
            moves=tuple(moves),
            expected_minor=expected_minor(shift, tallies, moves),
        )

    async def open_shift(self, clerk: str) -> ShiftView | None:
        rows = await self._fetch("shift_of_clerk", clerk=clerk)
        return await self.shift(rows[0][0]) if rows else None

    async def shifts(self, limit: int = 50) -> tuple[Shift, ...]:
        return tuple(Shift(*row) for row in await self._fetch("shifts_newest", most=limit))

    async def door_list(self, show_id: int) -> tuple[DoorTicket, ...]:
        return tuple(DoorTicket(*row) for row in await self._fetch("door_list", show_id=show_id))

    async def customer_of(self, channel: str, address: str) -> str | None:
        rows = await self._fetch("customer_of_contact", channel=channel, address=address)
        return rows[0][0] if rows else None

    async def customer(self, customer_id: str) -> CustomerView | None:
        return await self._customer(customer_id, "", "")

    async def customer_with(self, channel: str, address: str) -> CustomerView | None:
        return await self._customer(None, channel, address)

    async def _customer(
        self, customer_id: str | None, channel: str, address: str
    ) -> CustomerView | None:
        key = {"customer_id": customer_id, "channel": channel, "address": address}
        rows, contacts = await self._together("customer_whole", "contacts_of", **key)
        if not rows:
            return None
        listed = tuple((channel, address) for channel, address in contacts)
        who, name, language, channels = rows[0]
        return CustomerView(who, name, language, tuple(channels.split()), listed)

    async def messages(
        self,
        *,
        state: str = "",
        kind: str = "",
        show_id: int | None = None,
        customer_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[MessageView, ...]:
        narrowed: dict[str, int | str] = {
            "kind": kind,
            "show_id": show_id or 0,
            "customer_id": customer_id or "",
            "most": limit,
            "skip": offset,
        }
        if state == EffectState.DEAD:  # Few among many: they are found by an index of their own.
            rows = await self._fetch("messages_dead", **narrowed)
        else:
            rows = await self._fetch("messages_listed", state=state, **narrowed)
        return tuple(_message_of(row) for row in rows)

    async def message(self, show_id: int, ledger_seq: int, item: int) -> MessageView | None:
        key = {"show_id": show_id, "ledger_seq": ledger_seq, "item": item}
        rows = await self._fetch("message_whole", **key)
        return _message_of(rows[0]) if rows else None

    async def attempts(self, show_id: int, ledger_seq: int, item: int) -> tuple[Attempt, ...]:
        key = {"show_id": show_id, "ledger_seq": ledger_seq, "item": item}
        return tuple(Attempt(*row) for row in await self._fetch("attempts_of", **key))


def _message_of(row: Row) -> MessageView:
    error, ended_ms, leased_by = row[_EFFECT_CELLS:]
    return MessageView(Effect(*row[:_EFFECT_CELLS]), error, ended_ms, bool(leased_by))
