"""The door's memory for when the office can't be reached: the list of tickets, and a journal.

The list of a show is kept in a file each time the office was seen. Cut off, the door decides by it
and writes whom it let in into a journal, flushed to the disk before the door says yes. When the
office is back the journal is told to it, line by line; a ticket that was used somewhere else in
the meantime is a double, and reported.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.outcomes import Admitted, AlreadyUsed, NotValid, UnknownTicket
from core.receipts import TicketName
from core.views import DoorTicket, ShowView

_JOURNAL = "door-journal.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetIn:
    """Somebody whom the door let in on its own."""

    show_id: int
    order_no: int
    ticket_no: int
    at_ms: int
    where: str
    actor: str


@dataclass(frozen=True, slots=True)
class NotListed:
    """A genuine ticket that the list, kept at `kept_ms`, does not have; None: there is no list."""

    kept_ms: int | None


Offline = Admitted | AlreadyUsed | NotValid | UnknownTicket | NotListed


class DoorMemory:
    """What the door keeps in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists: dict[int, dict[str, Any]] = {}
        self.journal: list[LetIn] = self._read_journal()

    def keep(self, show: ShowView, tickets: tuple[DoorTicket, ...], now_ms: int) -> None:
        """Keep the list of a show."""
        tiers = {tier.tier_no: tier.name for tier in show.tiers}
        kept: dict[str, Any] = {
            "kept_ms": now_ms,
            "fares": {
                str(fare.fare_no): [tiers[fare.tier_no], fare.name, fare.proof]
                for fare in show.fares
            },
            "tickets": {
                f"{t.order_no}.{t.ticket_no}": [t.fare_no, t.state, t.used_ms, t.used_where]
                for t in tickets
            },
        }
        self._lists[show.card.show_id] = kept
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(show.card.show_id)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(kept), encoding="utf-8")
        new.replace(path)

    def decide(self, name: TicketName) -> Offline:
        """Decide by the list and the journal alone; changes nothing."""
        kept = self._list(name.show_id)
        if kept is None:
            return NotListed(None)
        for one in self.journal:
            if (one.show_id, one.order_no, one.ticket_no) == (
                name.show_id,
                name.order_no,
                name.ticket_no,
            ):
                return AlreadyUsed(one.at_ms, one.where)
        row = kept["tickets"].get(f"{name.order_no}.{name.ticket_no}")
        if row is None:
            return NotListed(kept["kept_ms"])
        fare_no, state, used_ms, where = row
        if state != "valid":
            return NotValid(state)
        if used_ms is not None:
            return AlreadyUsed(used_ms, where)
        tier, fare, proof = kept["fares"][str(fare_no)]
        return Admitted(tier, fare, bool(proof))

    def note(self, one: LetIn) -> None:
        """Write somebody into the journal: on the disk before the door says yes."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / _JOURNAL).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.journal.append(one)

    def told(self, one: LetIn) -> None:
        """Take out of the journal what the office has heard."""
        self.journal.remove(one)
        new = self._folder / f"{_JOURNAL}.new"
        lines = [json.dumps(asdict(rest)) + "\n" for rest in self.journal]
        new.write_text("".join(lines), encoding="utf-8")
        new.replace(self._folder / _JOURNAL)

    def _path(self, show_id: int) -> Path:
        return self._folder / f"door-{show_id}.json"

    def _list(self, show_id: int) -> dict[str, Any] | None:
        kept = self._lists.get(show_id)
        if kept is None:
            try:
                kept = json.loads(self._path(show_id).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return None
            self._lists[show_id] = kept
        return kept

    def _read_journal(self) -> list[LetIn]:
        try:
            text = (self._folder / _JOURNAL).read_text(encoding="utf-8")
        except OSError:
            return []
        found: list[LetIn] = []
        for line in text.splitlines():
            try:
                found.append(LetIn(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # Cut off while it was written: nobody was let in by it.
        return found
