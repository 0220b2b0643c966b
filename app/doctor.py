"""Looks an office over: what is wrong with it, and what to do about each thing."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from app.channel_checks import look_at_channels
from app.clock import SystemClock
from app.doctor_money import look_at_payments
from app.keys import HouseKey, KeyTrouble, public_path, read_key, read_public_key
from app.messaging import set_up
from app.settings import PREFIX, SECRETS, Settings, settings_path
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS, EffectState
from core.ports import StorageLost
from core.views import OutboxCount, Views
from data.condition import Condition, Told
from data.database import Database, SqliteDatabase, database_at

_SPACE_LOW = 1_000_000_000
_SPACE_NONE = 100_000_000
_CLOCK_BEHIND_MS = 2_000
_OVERDUE_MS = 60_000
_MONEY_WAITING_MS = 15 * 60_000
_MESSAGES_WAITING_MS = 5 * 60_000
_SHOWS_MAX = 10_000
_EVERYONE = 0o007
_MB = 1_000_000


def examine(settings: Settings) -> list[Told]:
    """Look at everything; what can't be looked at because of something else is left out."""
    file = settings_path() if settings_path().exists() else "no file"
    said = f"{file}, language {settings.language}, zone {settings.time_zone}"
    found = [_found("settings", "ok", said), *_secrets(settings)]
    key = _key(settings, found)
    found += look_at_channels(settings)
    database = database_at(settings.database)
    if isinstance(database, SqliteDatabase):
        found += _disk(database.path)
    found += asyncio.run(look_at_payments(settings))
    try:
        state = database.condition()
    except StorageLost as lost:
        found.append(_found("database", "wrong", *_split(str(lost))))
        return found
    found += _database(database, state)
    if not state.pending.before:
        try:
            found += asyncio.run(_inside(settings, database, key))
        except StorageLost as lost:
            found.append(_found("database", "wrong", *_split(str(lost))))
    return found


def _found(what: str, state: Literal["ok", "note", "wrong"], said: str, advice: str = "") -> Told:
    return Told(what=what, state=state, said=said, advice=advice)


def _split(text: str) -> tuple[str, str]:
    said, _, advice = text.rpartition(": ")
    return (said, advice) if said else (text, "")


def _key(settings: Settings, found: list[Told]) -> HouseKey | None:
    path = settings.key_file
    try:
        key = read_key(path)
        public = read_public_key(public_path(path))
    except KeyTrouble as trouble:
        found.append(_found("key", "wrong", *_split(str(trouble))))
        return None
    if public.pem() != key.pem():
        said = f"{public_path(path)} is not the public half of {path}"
        found.append(_found("key", "wrong", said, "remove it and run `bilheteria init`"))
    else:
        found.append(_found("key", "ok", f"{path}, for its owner alone"))
    return key


def _secrets(settings: Settings) -> Iterator[Told]:
    """Tell of files with secrets that anyone on the machine may read."""
    given = {name.upper() for name in os.environ}
    inside = [name for name in SECRETS if getattr(settings, name).get_secret_value()]
    if urlsplit(settings.database).password:
        inside.append("database")
    files = [getattr(settings, f"{name}_file") for name in SECRETS]
    if any(f"{PREFIX}{name.upper()}" not in given for name in inside):
        files.append(settings_path())
    for file in dict.fromkeys(files):
        if file is None or not file.exists() or os.name != "posix":
            continue
        if file.stat().st_mode & _EVERYONE:
            said = f"{file} holds a secret, and everyone on this machine may read it"
            yield _found("secrets", "wrong", said, f"run `chmod 600 {file}`")


def _disk(path: Path) -> Iterator[Told]:
    folder = path.absolute().parent
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    said = f"{free // _MB} MB free where the database is"
    if free < _SPACE_NONE:
        yield _found("disk", "wrong", said, "make room now: sales stop when the disk is full")
    elif free < _SPACE_LOW:
        yield _found("disk", "note", said, "make room before the next big sale")
    else:
        yield _found("disk", "ok", said)
    if not os.access(folder, os.W_OK):
        advice = "let the office's user write there: the database has companions (-wal, -shm)"
        yield _found("disk", "wrong", f"the folder {folder} can't be written", advice)


def _database(database: Database, state: Condition) -> Iterator[Told]:
    before, after = state.pending.before, state.pending.after
    if before:
        said = f"{database.name} lacks {len(before)} migrations: {', '.join(before)}"
        yield _found("database", "wrong", said, "back it up, then run `bilheteria migrate`")
    if after:
        said = f"{database.name} lacks the end of its upgrade: {', '.join(after)}"
        advice = "once no process of the version before runs, run `bilheteria migrate`"
        yield _found("database", "note", said, advice)
    yield from state.told
    behind_ms = state.last_ms - SystemClock().now_ms()
    if behind_ms > _CLOCK_BEHIND_MS:
        said = f"the clock is {behind_ms // 1_000} s behind the last entry of the ledger"
        yield _found("clock", "wrong", said, "set the machine's clock; keep it by NTP")
    else:
        yield _found("clock", "ok", "not behind the ledger")


async def _inside(settings: Settings, database: Database, key: HouseKey | None) -> list[Told]:
    async with database.store() as store:
        look, now_ms = store.views, SystemClock().now_ms()
        found = [await _overdue(look, now_ms)]
        if key is not None:
            found.append(await _seeds(look, key))
        found += _outbox(settings, await look.outbox(), now_ms)
        return found


async def _overdue(look: Views, now_ms: int) -> Told:
    due_ms = await look.next_due_ms()
    if due_ms is None or due_ms > now_ms - _OVERDUE_MS:
        return _found("deadlines", "ok", "none is overdue")
    said = f"a deadline passed {(now_ms - due_ms) // 1_000} s ago and nobody looked after it"
    return _found("deadlines", "wrong", said, "start `bilheteria work` and keep it running")


async def _seeds(look: Views, key: HouseKey) -> Told:
    """Check that this is the key which committed to the draws that are still to come."""
    for card in await look.search(limit=_SHOWS_MAX):
        if card.status not in {"published", "drawing"}:
            continue
        show = await look.show(card.show_id)
        if show is not None and seed_digest(key.seed(card.slug)) != show.seed_digest:
            said = f"the key is not the one that committed to the draw of {card.slug}"
            return _found("draws", "wrong", said, "put the house key back from its backup")
    return _found("draws", "ok", "the key fits what was committed to")


def _outbox(settings: Settings, counts: tuple[OutboxCount, ...], now_ms: int) -> Iterator[Told]:
    channels = set_up(settings)
    waiting = [c for c in counts if c.state == EffectState.WAITING and c.first_due_ms <= now_ms]
    dead = sum(c.count for c in counts if c.state == EffectState.DEAD)
    money = [c for c in waiting if c.kind in GATEWAY_KINDS]
    told = [c for c in waiting if c.kind not in GATEWAY_KINDS]
    messages = sum(c.count for c in told)
    if dead:
        advice = (
            "see them with `bilheteria messages list --state dead`, mend the cause, "
            "then `bilheteria messages resend`"
        )
        yield _found("outbox", "wrong", f"{dead} messages were given up", advice)
    late_ms = max((now_ms - c.first_due_ms for c in money), default=0)
    if late_ms > _MONEY_WAITING_MS:
        total = sum(c.count for c in money)
        advice = "start `bilheteria work`; its log names the gateway that fails"
        yield _found("outbox", "wrong", f"{total} calls to gateways wait too long", advice)
    if messages and not channels:
        advice = "they are kept, and sent when a channel is set up"
        yield _found(
            "outbox", "note", f"{messages} messages wait, and no channel is set up", advice
        )
    elif any(c.first_due_ms < now_ms - _MESSAGES_WAITING_MS for c in told):
        advice = "start `bilheteria work`; its log names the channel that fails"
        yield _found("outbox", "wrong", f"{messages} messages wait too long", advice)
    if not (dead or messages or late_ms > _MONEY_WAITING_MS):
        yield _found("outbox", "ok", "nothing waits")
