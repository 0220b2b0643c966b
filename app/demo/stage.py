"""Sets the stage: a real office on a database file, its catalogue, and people known to it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.demo.timeline import Timeline
from app.ids import TimeOrderedIds
from app.keys import HouseKey
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.catalogue import ShowDraft
from core.draw import seed_digest
from core.outcomes import Published, Registered
from core.requests import Publish, Register
from core.views import ShowView
from data.migrating import migrate
from data.sqlite import SqliteStore

_REGISTERED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An open office whose time is virtual."""

    office: BoxOffice
    caretaker: Caretaker
    signer: HouseKey
    timeline: Timeline

    async def publish(self, drafts: Sequence[ShowDraft], slug: str) -> ShowView:
        """Put shows on the catalogue and return the one with this slug."""
        digests = {draft.slug: seed_digest(self.signer.seed(draft.slug)) for draft in drafts}
        answer = await self.office.publish(Publish(drafts=tuple(drafts), seed_digests=digests))
        if not isinstance(answer, Published):
            raise TypeError(f"the catalogue was refused: {answer}")
        show = await self.office.look.show(answer.show_ids[slug])
        assert show is not None, "a show just published is there"
        return show

    async def register(self, names: Sequence[str]) -> None:
        """Make people known by their Telegram chats, as the bot does when they first write."""
        for start in range(0, len(names), _REGISTERED_AT_ONCE):
            asked = [
                self.office.register(Register(customer_id=name, contacts=(("telegram", name),)))
                for name in names[start : start + _REGISTERED_AT_ONCE]
            ]
            for answer in await asyncio.gather(*asked):
                assert isinstance(answer, Registered), answer


def demo_key(seed: int) -> Ed25519PrivateKey:
    """Return a key that anyone can guess: for a play, never for an office."""
    return Ed25519PrivateKey.from_private_bytes(sha256(b"demo %d" % seed).digest())


@asynccontextmanager
async def set_stage(path: Path, timeline: Timeline, seed: int) -> AsyncGenerator[Stage]:
    """Open an office on a new database file; its key, and so its draw, come of the seed."""
    migrate(path)
    key = HouseKey(demo_key(seed))
    async with SqliteStore(path) as store:
        office = BoxOffice(store, store.views, timeline, TimeOrderedIds(timeline))
        try:
            yield Stage(
                office=office, caretaker=Caretaker(office, key), signer=key, timeline=timeline
            )
        finally:
            await office.close()
