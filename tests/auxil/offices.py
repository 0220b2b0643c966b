"""An office on a real database, with a clock moved by hand and ids that count."""

import hmac
from base64 import b32encode
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from core.box_office import BoxOffice
from core.draw import seed_digest
from core.messages import Effect
from core.outcomes import Published
from core.ports import Steps, StorageLost
from core.requests import Publish
from data.database import Database, SqliteDatabase
from tests.auxil.drafts import T0_MS, ShowDraft
from tests.auxil.places import new_file

__all__ = ["new_file"]


class HandClock:
    """Tells the time that the test set."""

    def __init__(self, ms: int = T0_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


class CountedIds:
    """Deterministic ids, later ones sorting after earlier ones."""

    def __init__(self) -> None:
        self.count = 0

    def new(self) -> str:
        self.count += 1
        return f"id{self.count:010d}"


class HmacSigner:
    """Signs and seeds like the house's key, but with a secret that everyone may read here."""

    def __init__(self, secret: bytes = b"not a secret") -> None:
        self._secret = secret

    def sign(self, text: str) -> str:
        raw = hmac.digest(self._secret, text.encode(), "sha512")
        return b32encode(raw).decode().rstrip("=")

    def seed(self, name: str) -> str:
        return hmac.digest(self._secret, b"seed " + name.encode(), "sha256").hex()

    def verify(self, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(text), signature)


SIGNER = HmacSigner()


class WatchedStore:
    """A store that keeps every batch that broke a rule: the desk would mend it, unseen."""

    def __init__(self, database: Database | Path) -> None:
        if isinstance(database, Path):
            database = SqliteDatabase(database)
        self._store = database.store()
        self.views = self._store.views
        self.broken: list[Exception] = []

    async def __aenter__(self) -> Self:
        await self._store.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._store.close()

    async def close(self) -> None:
        await self._store.close()

    async def transact(self, steps: Callable[[], Steps]) -> None:
        try:
            await self._store.transact(steps)
        except StorageLost:
            raise
        except Exception as broken:
            self.broken.append(broken)
            raise

    async def lease(
        self, worker: str, kinds: Sequence[str], now_ms: int, most: int
    ) -> tuple[Effect, ...]:
        return await self._store.lease(worker, kinds, now_ms, most)

    async def retry(self, effect: Effect, worker: str, due_ms: int, error: str) -> None:
        await self._store.retry(effect, worker, due_ms, error)


@asynccontextmanager
async def open_office(
    database: Database | Path,
    clock: HandClock | None = None,
    ids: CountedIds | None = None,
) -> AsyncGenerator[BoxOffice, None]:
    """Open the office on a database (a path: a SQLite file), and close it in good order.

    No batch may have broken a rule.
    """
    async with WatchedStore(database) as store:
        office = BoxOffice(store, store.views, clock or HandClock(), ids or CountedIds())
        try:
            yield office
        finally:
            await office.close()
    assert not store.broken, store.broken


async def publish(office: BoxOffice, *drafts: ShowDraft) -> dict[str, int]:
    """Put shows on the catalogue and return their ids by slug."""
    digests = {draft.slug: seed_digest(SIGNER.seed(draft.slug)) for draft in drafts}
    answer = await office.publish(Publish(drafts=drafts, seed_digests=digests))
    assert isinstance(answer, Published), answer
    return answer.show_ids
