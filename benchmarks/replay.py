"""Writes again what the office wrote, with no rules: the floor and the ceiling of a measure.

The ledger holds every row as it stood after each step, so the steps of a run can be read back from
it. Two writers, both the standard library's sqlite3 with the office's own connection settings (WAL,
`synchronous=FULL`) and its own statements, start from a copy of the file as it was before the run:

    floor     one transaction a step, one after the other, one `execute` a row that changed
    ceiling   the steps of 1,000 purchases a transaction, one `executemany` a statement

Afterwards the file must hold the very rows that the office's file holds, or the run is refused.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from core import limits
from core.purchase import LIVE, OPEN
from data.sqlite import connect
from data.statements import numbered
from data.writing import COLUMNS

Cells = list[Any]
Step = dict[str, list[Cells]]
"""What one step wrote: rows by statement."""

_STEPPING = ("choosing", "paying")
_PURCHASE = {name: at for at, name in enumerate(COLUMNS["purchases_insert"])}
_BOOK = {name: at for at, name in enumerate(COLUMNS["books_upsert"])}
_SHARED = ("books_upsert", "tiers_update", "quotas_update", "promises_upsert")
"""Rows of a show rather than of a purchase: in one transaction only the last counts."""
TABLES = (
    *("books", "tiers", "quotas", "promises", "blocks", "customers", "contacts", "purchases"),
    *("orders", "payments", "events", "tickets", "effects", "ledger"),
)


@dataclass(slots=True)
class _Show:
    """The rows of a show that many purchases share, as they stand after a step."""

    book: Cells
    tiers: dict[int, Cells]
    quotas: dict[int, Cells]
    promises: dict[str, int]
    fares: dict[int, tuple[int, int | None]]
    live: dict[str, Cells] = field(default_factory=dict[str, Cells])
    """Purchases under way, by id."""
    blocks: set[int] = field(default_factory=set[int])


class Script:
    """The steps that an office's file has beyond `base`, in the order they were taken."""

    def __init__(self, base: Path, written: Path) -> None:
        self._base = base
        self._written = written
        with closing(connect(base, read_only=True)) as connection:
            self._shows = _shows(connection)
        with closing(connect(written, read_only=True)) as connection:
            wakes = connection.execute("select show_id, wake_ms from books")
            self._wakes = dict(wakes)
            # A reminder waits for its day, which the ledger does not say.
            later = "select show_id, ledger_seq, item, due_ms from effects where kind = 'reminder'"
            self._due = {tuple(key): due_ms for *key, due_ms in connection.execute(later)}
            (entries,) = connection.execute("select sum(ledger_seq) from books").fetchone()
        self.length = entries - sum(show.book[_BOOK["ledger_seq"]] for show in self._shows.values())

    def steps(self) -> Iterator[Step]:
        """Yield each step with its rows."""
        query = (
            "select l.show_id, l.seq, l.at_ms, l.kind, l.purchase_id, l.actor, l.data, l.hash"
            " from ledger as l join base.books as b on b.show_id = l.show_id"
            " where l.seq > b.ledger_seq order by l.at_ms, l.show_id, l.seq"
        )
        with closing(connect(self._written, read_only=True)) as connection:
            connection.execute("attach ? as base", (str(self._base),))
            for entry in connection.execute(query):
                yield self._step(list(entry))

    def _step(self, entry: Cells) -> Step:
        show_id, seq, at_ms, head = entry[0], entry[1], entry[2], entry[7]
        data = json.loads(entry[6])
        show = self._shows[show_id]
        step: Step = {"ledger_insert": [entry]}
        if "purchase" in data:
            self._take(show, data["purchase"], data, step)
        for name in ("order", "payment"):
            if name in data:
                step[f"{name}s_upsert"] = [data[name]]
        if "event" in data:
            step["events_insert"] = [data["event"]]
        if "tickets" in data:
            step["tickets_upsert"] = data["tickets"]
        if "effects" in data:
            step["effects_insert"] = [
                [show_id, seq, *one, "waiting", self._due.get((show_id, seq, one[0]), at_ms), 0]
                for one in data["effects"]
            ]
        book = show.book
        book[_BOOK["wake_ms"]], book[_BOOK["last_ms"]] = self._wakes[show_id], at_ms
        book[_BOOK["ledger_seq"]], book[_BOOK["ledger_head"]] = seq, head
        step["books_upsert"] = [[*book]]
        return {name: step[name] for name in COLUMNS if name in step}

    def _take(self, show: _Show, cells: Cells, data: dict[str, Any], step: Step) -> None:
        purchase_id, state = cells[_PURCHASE["purchase_id"]], cells[_PURCHASE["state"]]
        old = show.live.pop(purchase_id, None)
        if old is None:
            step["purchases_insert"] = [cells]
            book, number = show.book, cells[_PURCHASE["number"]]
            book[_BOOK["next_number"]] = max(book[_BOOK["next_number"]], (number or 0) + 1)
        elif state in _STEPPING:
            step["purchases_step"] = [cells]
        else:
            step["purchases_move" if state in LIVE else "purchases_end"] = [cells]
        if state in LIVE:
            show.live[purchase_id] = cells
        before = _stock_rows(show)
        _weigh(show, old, -1)
        _weigh(show, cells, 1)
        for ticket in data.get("tickets", ()):
            _count(show, ticket[4], 0, 1)
            show.book[_BOOK["valid"]] += 1
        for name, rows in _stock_rows(show).items():
            if changed := [row for row in rows if row not in before[name]]:
                step[name] = changed
        if state == "in_line":
            block = cells[_PURCHASE["place"]] // limits.PLACES_PER_BLOCK
            step["blocks_add"] = [[show.book[0], block, 1]]
            if block not in show.blocks:
                show.blocks.add(block)
                step["blocks_insert"] = step["blocks_add"]


def _stock_rows(show: _Show) -> Step:
    return {
        "tiers_update": [[*tier] for tier in show.tiers.values()],
        "quotas_update": [[*quota] for quota in show.quotas.values()],
        "promises_upsert": [[show.book[0], pool, n] for pool, n in show.promises.items()],
    }


def _weigh(show: _Show, cells: Cells | None, sign: int) -> None:
    """Count a purchase in or out."""
    if cells is None:
        return
    state, lines = cells[_PURCHASE["state"]], json.loads(cells[_PURCHASE["basket"]])
    counted = {"in_line": "waiting", "in_lobby": "lobby", "paying": "paying"}.get(state, "")
    if state in OPEN or counted:
        show.book[_BOOK[counted or "opened"]] += sign
    for fare_no, quantity, _ in lines:
        _count(show, fare_no, sign * quantity, 0)
    if state == "called" or (state == "choosing" and not lines):
        pool = cells[_PURCHASE["pool"]]
        show.promises[pool] = show.promises.get(pool, 0) + sign


def _count(show: _Show, fare_no: int, held: int, sold: int) -> None:
    tier_no, quota_no = show.fares[fare_no]
    show.tiers[tier_no][2] += held
    show.tiers[tier_no][3] += sold
    if quota_no is not None:
        show.quotas[quota_no][2] += held + sold


def _shows(connection: sqlite3.Connection) -> dict[int, _Show]:
    shows: dict[int, _Show] = {}
    for book in connection.execute(f"select {', '.join(_BOOK)} from books"):  # noqa: S608 - ours
        shows[book[0]] = _Show([*book], {}, {}, {}, {})
    for row in connection.execute("select show_id, tier_no, held, sold from tiers"):
        shows[row[0]].tiers[row[1]] = [*row]
    for row in connection.execute("select show_id, quota_no, used from quotas"):
        shows[row[0]].quotas[row[1]] = [*row]
    for show_id, fare_no, *where in connection.execute(
        "select show_id, fare_no, tier_no, quota_no from fares"
    ):
        shows[show_id].fares[fare_no] = (where[0], where[1])
    for show_id, pool, promised in connection.execute("select * from promises"):
        shows[show_id].promises[pool] = promised
    for show_id, block in connection.execute("select show_id, block from blocks"):
        shows[show_id].blocks.add(block)
    names = ", ".join(_PURCHASE)
    for row in connection.execute(
        f"select {names} from purchases where ended_ms is null"  # noqa: S608 - our own columns
    ):
        shows[row[0]].live[row[1]] = [*row]
    return shows


class Writer:
    """Writes steps to a file and keeps the time it took."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path)
        self.seconds = 0.0
        self.steps = 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def one_by_one(self, steps: Iterable[Step]) -> None:
        """Write each step in a transaction of its own, a row at a time."""
        told = [
            [(numbered(name, COLUMNS[name]), rows) for name, rows in step.items()] for step in steps
        ]
        execute = self._connection.execute
        started = perf_counter()
        for step in told:
            execute("begin immediate")
            for sql, rows in step:
                for row in rows:
                    execute(sql, row)
            execute("commit")
        self.seconds += perf_counter() - started
        self.steps += len(told)

    def together(self, steps: Iterable[Step], at_once: int) -> None:
        """Write all these steps in one transaction, a statement at a time for each `at_once`."""
        source, batches = iter(steps), list[list[tuple[str, list[Cells]]]]()
        while some := list(islice(source, at_once)):
            self.steps += len(some)
            batches.append([(numbered(n, COLUMNS[n]), rows) for n, rows in _gathered(some)])
        started = perf_counter()
        self._connection.execute("begin immediate")
        for batch in batches:
            for sql, rows in batch:
                self._connection.executemany(sql, rows)
        self._connection.execute("commit")
        self.seconds += perf_counter() - started


def _gathered(steps: list[Step]) -> Iterator[tuple[str, list[Cells]]]:
    """Yield each statement with its rows of all steps, those that are shared once."""
    # A stretch holds purchases from beginning to end: they are there before they change.
    for name in sorted(COLUMNS, key=lambda name: name != "purchases_insert"):
        rows = [row for step in steps for row in step.get(name, ())]
        if name in _SHARED:
            keys = 1 if name == "books_upsert" else 2
            rows = list({tuple(row[:keys]): row for row in rows}.values())
        if rows:
            yield name, rows


def same_rows(path: Path, other: Path) -> bool:
    """Say whether two files hold the same rows, table by table."""
    with closing(connect(path, read_only=True)) as connection:
        connection.execute("attach ? as other", (str(other),))
        for table in TABLES:
            ours, theirs = (_select("count(*)", name) for name in (table, f"other.{table}"))
            counts = f"select ({ours}), ({theirs})"
            missing = f"{_select('*', table)} except {_select('*', f'other.{table}')} limit 1"
            count, other_count = connection.execute(counts).fetchone()
            if count != other_count or connection.execute(missing).fetchone():
                return False
    return True


def _select(what: str, table: str) -> str:
    return f"select {what} from {table}"  # noqa: S608 - our own tables
