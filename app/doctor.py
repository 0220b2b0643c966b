"""Looks an office over: what is wrong with it, and what to do about each thing."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.clock import SystemClock
from app.keys import HouseKey, KeyTrouble, public_path, read_key, read_public_key
from app.settings import Settings
from app.wiring import gateways
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS, EffectState
from core.ports import StorageLost
from core.views import OutboxCount, Views
from data.condition import Condition, condition
from data.sqlite import SqliteStore

_SPACE_LOW = 1_000_000_000
_SPACE_NONE = 100_000_000
_CLOCK_BEHIND_MS = 2_000
_OVERDUE_MS = 60_000
_MONEY_WAITING_MS = 15 * 60_000
_SHOWS_MAX = 10_000
_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at. 'note': worth knowing, nothing is wrong."""

    what: str
    state: Literal["ok", "note", "wrong"]
    said: str
    advice: str = ""


def examine(settings: Settings) -> list[Found]:
    """Look at everything; what can't be looked at because of something else is left out."""
    found = [Found("settings", "ok", f"language {settings.language}, zone {settings.time_zone}")]
    key = _key(settings, found)
    found += _disk(settings)
    try:
        state = condition(settings.database_path)
    except StorageLost as lost:
        found.append(Found("database", "wrong", *_split(str(lost))))
        return found
    found += _database(settings, state)
    if not state.pending:
        try:
            found += asyncio.run(_inside(settings, key))
        except StorageLost as lost:
            found.append(Found("database", "wrong", *_split(str(lost))))
    return found


def _split(text: str) -> tuple[str, str]:
    said, _, advice = text.rpartition(": ")
    return (said, advice) if said else (text, "")


def _key(settings: Settings, found: list[Found]) -> HouseKey | None:
    path = settings.key_file
    try:
        key = read_key(path)
        public = read_public_key(public_path(path))
    except KeyTrouble as trouble:
        found.append(Found("key", "wrong", *_split(str(trouble))))
        return None
    if public.pem() != key.pem():
        said = f"{public_path(path)} is not the public half of {path}"
        found.append(Found("key", "wrong", said, "remove it and run `bilheteria init`"))
    else:
        found.append(Found("key", "ok", f"{path}, for its owner alone"))
    return key


def _disk(settings: Settings) -> Iterator[Found]:
    folder = settings.database_path.absolute().parent
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    said = f"{free // _MB} MB free where the database is"
    if free < _SPACE_NONE:
        yield Found("disk", "wrong", said, "make room now: sales stop when the disk is full")
    elif free < _SPACE_LOW:
        yield Found("disk", "note", said, "make room before the next big sale")
    else:
        yield Found("disk", "ok", said)
    if not os.access(folder, os.W_OK):
        advice = "let the office's user write there: the database has companions (-wal, -shm)"
        yield Found("disk", "wrong", f"the folder {folder} can't be written", advice)


def _database(settings: Settings, state: Condition) -> Iterator[Found]:
    path = settings.database_path
    if state.pending:
        said = f"{path} lacks {len(state.pending)} migrations: {', '.join(state.pending)}"
        yield Found("database", "wrong", said, "back it up, then run `bilheteria migrate`")
    else:
        yield Found("database", "ok", f"{path}, {path.stat().st_size // _MB} MB")
    if not os.access(path, os.W_OK):
        yield Found("database", "wrong", f"{path} can't be written", "let the office's user write")
    if state.journal_mode != "wal":
        said = f"the journal mode is '{state.journal_mode}', not 'wal'"
        advice = "put the database on a local disk; `bilheteria work` sets the mode when it opens"
        yield Found("journal", "wrong", said, advice)
    else:
        yield Found("journal", "ok", "write-ahead log")
    behind_ms = state.last_ms - SystemClock().now_ms()
    if behind_ms > _CLOCK_BEHIND_MS:
        said = f"the clock is {behind_ms // 1_000} s behind the last entry of the ledger"
        yield Found("clock", "wrong", said, "set the machine's clock; keep it by NTP")
    else:
        yield Found("clock", "ok", "not behind the ledger")


async def _inside(settings: Settings, key: HouseKey | None) -> list[Found]:
    async with SqliteStore(settings.database_path) as store:
        look, now_ms = store.views, SystemClock().now_ms()
        found = [await _overdue(look, now_ms)]
        if key is not None:
            found.append(await _seeds(look, key))
        found += _outbox(await look.outbox(), now_ms)
        return found


async def _overdue(look: Views, now_ms: int) -> Found:
    due_ms = await look.next_due_ms()
    if due_ms is None or due_ms > now_ms - _OVERDUE_MS:
        return Found("deadlines", "ok", "none is overdue")
    said = f"a deadline passed {(now_ms - due_ms) // 1_000} s ago and nobody looked after it"
    return Found("deadlines", "wrong", said, "start `bilheteria work` and keep it running")


async def _seeds(look: Views, key: HouseKey) -> Found:
    """Check that this is the key which committed to the draws that are still to come."""
    for card in await look.search(limit=_SHOWS_MAX):
        if card.status not in {"published", "drawing"}:
            continue
        show = await look.show(card.show_id)
        if show is not None and seed_digest(key.seed(card.slug)) != show.seed_digest:
            said = f"the key is not the one that committed to the draw of {card.slug}"
            return Found("draws", "wrong", said, "put the house key back from its backup")
    return Found("draws", "ok", "the key fits what was committed to")


def _outbox(counts: tuple[OutboxCount, ...], now_ms: int) -> Iterator[Found]:
    waiting = [c for c in counts if c.state == EffectState.WAITING]
    dead = sum(c.count for c in counts if c.state == EffectState.DEAD)
    money = [c for c in waiting if c.kind in GATEWAY_KINDS]
    messages = sum(c.count for c in waiting if c.kind not in GATEWAY_KINDS)
    if dead:
        advice = "see who they are for with `bilheteria order view` and tell them another way"
        yield Found("outbox", "wrong", f"{dead} messages were given up", advice)
    late_ms = max((now_ms - c.first_due_ms for c in money), default=0)
    if late_ms > _MONEY_WAITING_MS:
        total = sum(c.count for c in money)
        advice = "start `bilheteria work`; its log names the gateway that fails"
        yield Found("outbox", "wrong", f"{total} calls to gateways wait too long", advice)
    if messages:
        advice = "they are kept, and sent when a channel is set up"
        yield Found("outbox", "note", f"{messages} messages wait, and no channel is set up", advice)
    if not (dead or messages or late_ms > _MONEY_WAITING_MS):
        yield Found("outbox", "ok", "nothing waits; gateways: " + ", ".join(sorted(gateways())))
