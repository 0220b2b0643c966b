"""An office on a real SQLite file, with a clock moved by hand and ids that count."""

import hmac
import tempfile
from base64 import b32encode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from core.box_office import BoxOffice
from core.draw import seed_digest
from core.outcomes import Published
from core.ports import Steps, StorageLost
from core.requests import Publish
from data.migrating import migrate
from data.sqlite import SqliteStore
from tests.auxil.drafts import T0_MS, ShowDraft


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


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrate(path)
        return path.read_bytes()


def new_file(path: Path) -> Path:
    """Make a database with the newest schema and nothing in it: a copy of one migrated file."""
    path.write_bytes(_migrated())
    return path


class WatchedStore(SqliteStore):
    """Keeps every batch that broke a rule: the desk would mend it by taking it apart, unseen."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.broken: list[Exception] = []

    async def transact(self, steps: Callable[[], Steps]) -> None:
        try:
            await super().transact(steps)
        except StorageLost:
            raise
        except Exception as broken:
            self.broken.append(broken)
            raise


@asynccontextmanager
async def open_office(
    path: Path,
    clock: HandClock | None = None,
    ids: CountedIds | None = None,
) -> AsyncGenerator[BoxOffice, None]:
    """Open the office on a file, and close it in good order; no batch may have broken a rule."""
    async with WatchedStore(path) as store:
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
