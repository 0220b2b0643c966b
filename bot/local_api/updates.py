"""The bot's updates: kept until they are confirmed, fetched by long poll or brought to a webhook.

Telegram confirms an update when a later one is asked for, or when the webhook answers 2xx. What
is not confirmed comes again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

_log = logging.getLogger("bilheteria.local_api")
_FIRST_UPDATE = 700_000_001
_KEPT_MAX = 100_000
_PAUSE_S = 0.05
_PAUSE_MAX_S = 2.0
_WEBHOOK_PATIENCE_S = 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})

Json = dict[str, Any]


class Superseded(Exception):
    """Another `getUpdates` came: this one ends."""


@dataclass(slots=True)
class Webhook:
    """Where updates are brought. `url` is '' while they are fetched."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    last_error_s: int = 0
    delivering: set[int] = field(default_factory=set[int])
    task: asyncio.Task[None] | None = None


class Updates:
    """The queue of one bot's updates."""

    def __init__(self) -> None:
        self.webhook = Webhook()
        self.confirmed = 0
        """How many were taken: by a later fetch, or by the webhook's answer."""
        self._kept: dict[int, Json] = {}
        self._next = _FIRST_UPDATE
        self._allowed: frozenset[str] = frozenset()
        self._more = asyncio.Event()
        self._fetching: asyncio.Future[None] | None = None

    @property
    def pending(self) -> int:
        """How many wait to be confirmed."""
        return len(self._kept)

    def put(self, kind: str, payload: Json) -> Json | None:
        """Add an update, unless the bot does not want its kind."""
        if kind not in self._allowed if self._allowed else kind in _NOT_BY_DEFAULT:
            return None
        assert len(self._kept) < _KEPT_MAX, "the bot takes no updates"
        update: Json = {"update_id": self._next, kind: payload}
        self._next += 1
        self._kept[update["update_id"]] = update
        self._more.set()
        return update

    def again(self, update: Json) -> None:
        """Bring an update once more, though it was confirmed: Telegram may, after a lost answer."""
        self._kept[update["update_id"]] = update
        self._more.set()

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Remember which kinds are wanted; None leaves that as it is, empty: the default."""
        if kinds is not None:
            self._allowed = frozenset(kinds)

    async def fetch(self, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """Confirm what is before `offset`, then return what waits, or what comes in time."""
        if self._fetching is not None and not self._fetching.done():
            self._fetching.set_result(None)
        mine = self._fetching = asyncio.get_running_loop().create_future()
        self._confirm(offset)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._any(mine)
        if mine.done():
            raise Superseded
        mine.cancel()
        return sorted(self._kept.values(), key=lambda update: update["update_id"])[:limit]

    def _confirm(self, offset: int) -> None:
        known = sorted(self._kept)
        first = known[max(len(known) + offset, 0)] if offset < 0 and known else offset
        for update_id in known:
            if update_id < first:
                del self._kept[update_id]
                self.confirmed += 1

    async def _any(self, superseded: asyncio.Future[None]) -> None:
        while not self._kept:
            self._more.clear()
            more = asyncio.ensure_future(self._more.wait())
            try:
                await asyncio.wait({more, superseded}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                more.cancel()
            if superseded.done():
                return

    async def set_webhook(self, webhook: Webhook) -> None:
        """Bring updates to a webhook from now on, or to none."""
        await self.close()
        self.webhook = webhook
        if webhook.url:
            webhook.task = asyncio.create_task(self._deliver(webhook))

    async def close(self) -> None:
        """Stop bringing updates anywhere."""
        if self.webhook.task is not None:
            self.webhook.task.cancel()
            await asyncio.gather(self.webhook.task, return_exceptions=True)

    def end(self) -> None:
        """Let go whoever waits for updates."""
        if self._fetching is not None and not self._fetching.done():
            self._fetching.set_result(None)

    def drop(self) -> None:
        """Forget what waits."""
        self._kept.clear()

    async def _deliver(self, webhook: Webhook) -> None:
        """Bring what waits, several at once; updates of one chat keep their order."""
        async with (
            httpx.AsyncClient(timeout=_WEBHOOK_PATIENCE_S, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            while True:
                self._more.clear()
                busy = {_of(self._kept[n]) for n in webhook.delivering if n in self._kept}
                for update_id in sorted(self._kept.keys() - webhook.delivering):
                    whose = _of(self._kept[update_id])
                    if whose not in busy and len(webhook.delivering) < webhook.connections:
                        busy.add(whose)
                        webhook.delivering.add(update_id)
                        group.create_task(self._bring(client, webhook, self._kept[update_id]))
                await self._more.wait()

    async def _bring(self, client: httpx.AsyncClient, webhook: Webhook, update: Json) -> None:
        """Bring one update until it is taken."""
        pause_s = _PAUSE_S
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        while True:
            try:
                answer = await client.post(webhook.url, json=update, headers=headers)
                if answer.is_success:
                    break
                webhook.last_error = f"Wrong response from the webhook: {answer.status_code}"
            except httpx.HTTPError as failed:
                webhook.last_error = f"Connection failed: {type(failed).__name__}"
            _log.debug("webhook: %s", webhook.last_error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _PAUSE_MAX_S)
        self._kept.pop(update["update_id"], None)
        self.confirmed += 1
        webhook.delivering.discard(update["update_id"])
        self._more.set()


def _of(update: Json) -> object:
    """Return whose update it is: the person who caused it."""
    for kind, payload in update.items():
        if kind != "update_id":
            return payload.get("from", {}).get("id")
    return None
