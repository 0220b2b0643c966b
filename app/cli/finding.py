"""Finds what a command names: shows, fares, orders, clerks. What is not there is refused."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.cli.frame import Exit, Refused
from app.cli.words import full_name
from core.receipts import read_order_code
from core.search import normalise
from core.views import FareView, PurchaseView, ShowView

if TYPE_CHECKING:
    from app.wiring import Open

OPERATOR = "operator"
"""Who acts in the ledger when no clerk is named: whoever may run commands on the machine."""


async def find_show(an_office: "Open", name: str) -> ShowView:
    """Find a show by its slug or number."""
    slug = name.strip().lower()
    show_id = await an_office.look.show_id(slug) if slug.isascii() else None
    show = None if show_id is None else await an_office.look.show(show_id)
    if show is None:
        raise Refused(f"there is no show '{name}': see `bilheteria show list`")
    return show


async def find_order(an_office: "Open", code: str) -> tuple[ShowView, PurchaseView]:
    """Find an order by its code."""
    read = read_order_code(code)
    if read is None:
        raise Refused(f"'{code}' is no order code: it reads like 3-1204-7KQX")
    show_id, order_no, tail = read
    show, view = await asyncio.gather(
        an_office.look.show(show_id), an_office.look.purchase_by_number(show_id, order_no)
    )
    if show is None or view is None or view.order is None or view.order_code is None:
        raise Refused(f"there is no order {code}: check the code")
    if not view.order_code.endswith(tail):
        raise Refused(f"there is no order {code}: check its last four characters")
    return show, view


async def find_actor(an_office: "Open", clerk: str | None, *roles: str) -> str:
    """Say who acts, for the ledger; a clerk must exist and have one of the roles."""
    if clerk is None:
        return OPERATOR
    for known in await an_office.look.clerks():
        if known.name == clerk:
            if known.role in roles:
                return f"clerk:{clerk}"
            needed = " or ".join(roles)
            raise Refused(f"{clerk}'s role is {known.role}: this needs a {needed}")
    raise Refused(f"there is no clerk '{clerk}': see `bilheteria clerk list`")


def read_wanted(show: ShowView, texts: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Read what to take: 'Pista/Inteira=2', 'Inteira=2' where that is clear, or '3=2'."""
    wanted: dict[int, int] = {}
    for text in texts:
        name, separator, count = text.rpartition("=")
        if not separator or not count.strip().isdecimal() or not 0 < int(count[:9]) < 10**6:
            raise Refused(f"'{text}' does not say what to take: write TIER/FARE=2", Exit.USAGE)
        fare = _find_fare(show, name)
        wanted[fare.fare_no] = wanted.get(fare.fare_no, 0) + int(count)
    return tuple(wanted.items())


def _find_fare(show: ShowView, name: str) -> FareView:
    folded = normalise(name)
    found = [
        fare
        for fare in show.offered
        if folded in {str(fare.fare_no), normalise(full_name(show, fare)), normalise(fare.name)}
    ]
    exact = [fare for fare in found if folded == normalise(full_name(show, fare))] or found
    if len(exact) == 1:
        return exact[0]
    names = ", ".join(full_name(show, fare) for fare in show.offered)
    what = "names several fares" if exact else "is no fare"
    raise Refused(f"'{name}' {what} of {show.card.slug}: write one of {names}")
