"""Recomputes from the rows of a sale what its counters say, with SQL of its own.

Nothing here is shared with the rules or with the audit: three accounts of the same rows.
"""

import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from data.auditing import audit
from data.database import Database, SqliteDatabase
from tests.auxil.places import url

LIVE = ("in_lobby", "in_line", "called", "choosing", "paying")


Plain = sqlite3.Connection | psycopg.Connection
"""A connection as anyone could have it: without the office."""


def plain(database: Database | Path) -> Plain:
    """Connect to a database (a path: a SQLite file); what is written there is committed at once."""
    if isinstance(database, SqliteDatabase):
        database = database.path
    if isinstance(database, Path):
        return sqlite3.connect(database, isolation_level=None)
    return psycopg.connect(url(database), autocommit=True)


def vandal(database: Database | Path) -> Plain:
    """Connect as somebody who minds neither references nor triggers."""
    connection = plain(database)
    if isinstance(connection, psycopg.Connection):
        connection.execute("set session_replication_role = replica")
    return connection


def run(connection: Plain, sql: str, **values: object) -> "sqlite3.Cursor | psycopg.Cursor[Any]":
    """Run a statement with named parameters, on either engine."""
    if isinstance(connection, sqlite3.Connection):
        return connection.execute(sql, values)
    return connection.execute(re.sub(r":(\w+)", r"%(\1)s", sql).encode(), values)


def rows(database: Database | Path, sql: str, **values: object) -> list[dict[str, Any]]:
    """Read from a database as anyone could."""
    with closing(plain(database)) as connection:
        return read(connection, sql, **values)


def read(connection: Plain, sql: str, **values: object) -> list[dict[str, Any]]:
    cursor = run(connection, sql, **values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def check(database: Database | Path, *, audited: bool = True) -> None:
    """Assert that the books of every show add up, and that the audit finds the same."""
    problems: list[str] = []
    with closing(plain(database)) as connection:
        run(connection, "begin")
        if isinstance(connection, psycopg.Connection):
            run(connection, "set transaction isolation level repeatable read")
        for book in read(connection, "select * from books where show_id > 0"):
            sale = _Sale(connection, book)
            checks = [sale.stock, sale.counters, sale.promises, sale.line, sale.money]
            for one in [*checks, sale.chain] if audited else checks:
                problems += [f"show {book['show_id']}: {problem}" for problem in one()]
    assert not problems, "\n".join(problems)
    if not audited:
        return
    verdict = audit(database)
    assert verdict.ok, "\n".join(f"audit: {p.where}: {p.what}" for p in verdict.problems)


class _Sale:
    """One show's rows."""

    def __init__(self, connection: Plain, book: dict[str, Any]) -> None:
        self.connection, self.book = connection, book
        self.purchases = self._all("purchases")
        self.orders = {order["purchase_id"]: order for order in self._all("orders")}
        self.tickets = self._all("tickets")
        self.fares = {fare["fare_no"]: fare for fare in self._all("fares")}
        self.allotments = self._all("allotments")

    def _all(self, table: str) -> list[dict[str, Any]]:
        return read(
            self.connection,
            f"select * from {table} where show_id = :show",
            show=self.book["show_id"],
        )

    def held(self) -> Counter[int]:
        """Tickets by fare in baskets that are not sold yet."""
        count: Counter[int] = Counter()
        for purchase in self.purchases:
            order = self.orders.get(purchase["purchase_id"])
            if purchase["state"] in LIVE and not (order and order["state"] == "fixed"):
                for fare_no, quantity, _ in json.loads(purchase["basket"]):
                    count[fare_no] += quantity
        return count

    def sold(self) -> Counter[int]:
        """Tickets by fare that are valid, or whose capture is on its way."""
        count = Counter(t["fare_no"] for t in self.tickets if t["state"] == "valid")
        for purchase in self.purchases:
            order = self.orders.get(purchase["purchase_id"])
            if purchase["state"] in LIVE and order and order["state"] == "fixed":
                for fare_no, quantity, _ in json.loads(purchase["basket"]):
                    count[fare_no] += quantity
        return count

    def stock(self) -> list[str]:
        problems: list[str] = []
        held, sold = self.held(), self.sold()
        for tier in self._all("tiers"):
            fares = [no for no, f in self.fares.items() if f["tier_no"] == tier["tier_no"]]
            counted = {"held": sum(held[n] for n in fares), "sold": sum(sold[n] for n in fares)}
            problems += [
                f"tier {tier['name']} says {what} {tier[what]}, its rows {number}"
                for what, number in counted.items()
                if tier[what] != number
            ]
            if counted["held"] + counted["sold"] > tier["capacity"]:
                problems.append(f"tier {tier['name']} is oversold: {counted}")
        for quota in self._all("quotas"):
            fares = [no for no, f in self.fares.items() if f["quota_no"] == quota["quota_no"]]
            used = sum(held[n] + sold[n] for n in fares)
            if quota["used"] != used or used > quota["capacity"]:
                problems.append(f"quota {quota['name']} says {quota['used']}, its rows {used}")
        return problems

    def counters(self) -> list[str]:
        states = Counter(purchase["state"] for purchase in self.purchases)
        counted = {
            "lobby": states["in_lobby"],
            "waiting": states["in_line"],
            "opened": states["called"] + states["choosing"],
            "paying": states["paying"],
            "valid": sum(ticket["state"] == "valid" for ticket in self.tickets),
        }
        problems = [
            f"book says {name} {self.book[name]}, its rows {number}"
            for name, number in counted.items()
            if self.book[name] != number
        ]
        live = Counter(p["customer_id"] for p in self.purchases if p["state"] in LIVE)
        problems += [f"{who} has {n} live purchases" for who, n in live.items() if n > 1]
        issued = Counter(t["purchase_id"] for t in self.tickets if t["state"] == "valid")
        for purchase in self.purchases:
            name, state = purchase["purchase_id"], purchase["state"]
            if state == "completed" and purchase["tickets"] != issued[name]:
                problems.append(f"{name} says {purchase['tickets']} tickets, has {issued[name]}")
            if state != "completed" and issued[name]:
                problems.append(f"{name} is {state} and has tickets")
            if state in LIVE and purchase["tickets"] != sum(
                quantity for _, quantity, _ in json.loads(purchase["basket"])
            ):
                problems.append(f"{name} says {purchase['tickets']} tickets: {purchase['basket']}")
        return problems

    def promises(self) -> list[str]:
        """Promise 4: everyone called, or choosing with nothing held, has a ticket."""
        counted = Counter(
            p["pool"]
            for p in self.purchases
            if p["state"] == "called" or (p["state"] == "choosing" and not p["tickets"])
        )
        said = {row["pool"]: row["promised"] for row in self._all("promises") if row["promised"]}
        problems = [] if said == dict(counted) else [f"promises say {said}, the rows {counted}"]
        free = sum(t["capacity"] - t["held"] - t["sold"] for t in self._all("tiers"))
        if counted.total() > free:
            problems.append(f"{counted.total()} promised, {free} free")
        kept = {
            a["channel"]: sum(
                b["quantity"] - b["taken"]
                for b in self.allotments
                if b["channel"] == a["channel"] and not b["released"]
            )
            for a in self.allotments
        }
        general = counted[""] + sum(max(0, counted[c] - kept[c]) for c in kept)
        if general > free - sum(kept.values()):
            problems.append(f"{general} promised to everyone, {free} free, {kept} kept")
        return problems

    def line(self) -> list[str]:
        """Numbers are unique and given; blocks count the waiting; the rank is the position."""
        numbers = [p["number"] for p in self.purchases if p["number"] is not None]
        problems = [f"number {n} given twice" for n, c in Counter(numbers).items() if c > 1]
        if numbers and max(numbers) >= self.book["next_number"]:
            problems.append(f"number {max(numbers)} given, next is {self.book['next_number']}")
        places = Counter(p["place"] // (1 << 28) for p in self.purchases if p["state"] == "in_line")
        said = {row["block"]: row["waiting"] for row in self._all("blocks") if row["waiting"]}
        if said != dict(places):
            problems.append(f"blocks say {said}, the rows {dict(places)}")
        return problems

    def money(self) -> list[str]:
        """Promise 6: what was captured is worth its valid tickets, or is on its way back."""
        problems: list[str] = []
        back: Counter[str] = Counter()
        done: Counter[str] = Counter()
        worth: Counter[str] = Counter()
        for refund in self._all("refunds"):
            back[refund["payment_id"]] += refund["amount_minor"]
            done[refund["payment_id"]] += refund["amount_minor"] * (refund["state"] == "done")
        for ticket in self.tickets:
            if ticket["state"] == "valid":
                worth[ticket["purchase_id"]] += ticket["price_minor"] + ticket["fee_minor"]
        paid_by = {p["purchase_id"]: p["payment_id"] for p in self.purchases}
        for payment in self._all("payments"):
            name, taken = payment["payment_id"], payment["captured_minor"]
            if done[name] != payment["refunded_minor"]:
                problems.append(f"{name} says {payment['refunded_minor']} back, rows {done[name]}")
            purchase = payment["purchase_id"]
            mine = worth[purchase] if paid_by[purchase] == name else 0
            if taken - back[name] != mine:
                problems.append(f"{name} took {taken}, {back[name]} is back, worth {mine}")
        return problems

    def chain(self) -> list[str]:
        head = "0" * 64
        show = self.book["show_id"]
        sql = "select * from ledger where show_id = :show order by seq"
        entries = read(self.connection, sql, show=show)
        for number, e in enumerate(entries, 1):
            parts = (head, show, number, e["at_ms"], e["kind"], e["purchase_id"] or "")
            text = "\n".join(map(str, (*parts, e["actor"], e["data"])))
            head = sha256(text.encode()).hexdigest()
            if (e["seq"], e["hash"]) != (number, head):
                return [f"entry {e['seq']} breaks the chain"]
        if (len(entries), head) != (self.book["ledger_seq"], self.book["ledger_head"]):
            return [f"the book ends the chain at {self.book['ledger_seq']}, not {len(entries)}"]
        return []
