"""What a batch writes: one statement a table over many rows, in an order foreign keys allow."""

from collections.abc import Iterator, Sequence
from itertools import chain

from core.ledger import Cells
from core.sale import Changes

_BOOK = (
    "show_id status next_number lobby waiting opened paying valid to_draw drawn list_digest seed "
    "change told_id calls_clear_ms told_place wake_ms last_ms ledger_seq ledger_head"
)
_PURCHASES = (
    "show_id purchase_id customer_id channel state number place pool basket tickets deadline_ms "
    "session_ms chances told_ahead drawn payment_id ending joined_ms called_ms ended_ms "
    "last_seq"
)
_ORDERS = (
    "show_id purchase_id order_no lines price_minor fee_minor currency state placed_ms "
    "refunded_minor"
)
_PAYMENTS = (
    "show_id payment_id purchase_id gateway method outside state amount_minor currency reference "
    "captured_minor refunded_minor created_ms changed_ms until_ms action shift_id"
)
_REFUNDS = (
    "show_id refund_id purchase_id payment_id amount_minor ticket_nos reason state reference "
    "created_ms shift_id tries"
)
_SHIFTS = (
    "shift_id clerk currency number opened_ms float_minor closed_ms expected_minor counted_minor "
    "counted totals"
)
_TICKETS = (
    "show_id order_no ticket_no purchase_id fare_no price_minor fee_minor state used_ms used_where"
)
_EFFECTS = "show_id ledger_seq item lane kind customer_id purchase_id data state due_ms attempts"
_ATTEMPTS = "show_id ledger_seq item try_no channel part state at_ms said"
_SHOWS = "show_id slug title venue_id series_id starts_ms currency seed_digest terms plain words"
_CUSTOMERS = "customer_id name language channels salt created_ms ledger_seq words"
_FARES = "show_id fare_no tier_no name price_minor fee_minor quota_no proof document closed"

_WRITES: tuple[tuple[str, str, str], ...] = (
    ("books_upsert", "books", _BOOK),
    ("venues_insert", "venues", "venue_id name city address region country time_zone"),
    ("series_insert", "series", "series_id slug title"),
    ("shows_upsert", "shows", _SHOWS),
    ("venues_forget", "old_venues", "venue_id"),
    ("series_forget", "old_series", "series_id"),
    ("tiers_upsert", "new_tiers", "show_id tier_no name capacity closed"),
    ("quotas_upsert", "new_quotas", "show_id quota_no name capacity"),
    ("fares_upsert", "fares", _FARES),
    ("allotments_upsert", "new_allotments", "show_id tier_no channel quantity release_ms"),
    ("customers_insert", "customers", _CUSTOMERS),
    ("contacts_erase", "erased", "customer_id erased_ms"),
    ("contacts_insert", "contacts", "channel address customer_id rank"),
    ("customers_prefer", "preferred", "customer_id language channels"),
    ("customers_erase", "erased", "customer_id erased_ms"),
    ("clerks_upsert", "clerks", "name role password_hash"),
    ("shifts_upsert", "shifts", _SHIFTS),
    ("shift_moves_insert", "shift_moves", "shift_id move_id amount_minor reason at_ms"),
    ("purchases_draw", "drawn", _PURCHASES),
    ("purchases_step", "steps", _PURCHASES),
    ("purchases_move", "moves", _PURCHASES),
    ("purchases_end", "ends", _PURCHASES),
    ("purchases_insert", "new_purchases", _PURCHASES),  # Who left and came back lives only once.
    ("documents_erase", "forgotten", "show_id"),
    ("documents_upsert", "documents", "show_id purchase_id document"),
    ("orders_upsert", "orders", _ORDERS),
    ("payments_upsert", "payments", _PAYMENTS),
    ("tickets_upsert", "tickets", _TICKETS),
    ("refunds_upsert", "refunds", _REFUNDS),
    ("events_insert", "events", "gateway event_id payment_id show_id at_ms"),
    ("tiers_update", "tiers", "show_id tier_no held sold"),
    ("quotas_update", "quotas", "show_id quota_no used"),
    ("allotments_update", "allotments", "show_id tier_no channel taken released"),
    ("promises_upsert", "promises", "show_id pool promised"),
    ("blocks_insert", "blocks", "show_id block change"),
    ("blocks_add", "blocks", "show_id block change"),
    ("ledger_insert", "ledger", "show_id seq at_ms kind purchase_id actor data hash"),
    ("effects_insert", "effects", _EFFECTS),
    ("effects_again", "effects_again", "show_id ledger_seq item due_ms"),
    ("attempts_past", "effects_again", "show_id ledger_seq item due_ms"),
    ("attempts_upsert", "attempts", _ATTEMPTS),
    ("effects_end", "effect_ends", "show_id ledger_seq item state ended_ms ended_seq error"),
)
"""(statement, field of `Changes`, what the cells of its rows are)."""

COLUMNS: dict[str, tuple[str, ...]] = {name: tuple(columns.split()) for name, _, columns in _WRITES}


_KEYS = {"documents_upsert": 2, "clerks_upsert": 1, "shifts_upsert": 1, "customers_prefer": 1}
"""How many first cells are the key, where a batch may write a row more than once: the last counts.

PostgreSQL takes all rows in one statement, and changes none of them twice in it.
"""


def writes(changes: Sequence[Changes]) -> Iterator[tuple[str, list[Cells]]]:
    """Yield each statement that has anything to write, with the rows of all shows together."""
    for name, part, _ in _WRITES:
        rows = list(chain.from_iterable(getattr(one, part) for one in changes))
        if name in _KEYS:
            rows = list({tuple(row[: _KEYS[name]]): row for row in rows}.values())
        if rows:
            yield name, rows
