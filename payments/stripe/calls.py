"""Calls to Stripe through its own async client: plain objects back, two kinds of exception.

The library repeats calls after timeouts, cut connections, 409 and 5xx under the same idempotency
key. What it does not do is done here: 429 is tried again after the pause that Stripe asks for, and
a failure that Stripe only replays (it keeps the answer of a key, a 500 too) is asked anew under the
next key. What it then makes twice nobody was shown; only of refunds that would not do, and who
makes one looks first (`StripeReplayed`). Past that, the effect that called is tried again later.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from stripe import HTTPXClient, RequestOptions, StripeClient, StripeError

Json = dict[str, Any]
"""A Stripe object as it comes: its fields are Stripe's documentation."""

API = "https://api.stripe.com"
VERSION = "2026-08-26.dahlia"
"""The version of Stripe's API that is spoken: the one whose published schema the tests hold.

The library's own is newer, and so are its types: parameters go past them as plain objects.
"""
_TIMEOUT_S = 8.0
_LIBRARY_RETRIES = 2
_PATIENT = 3
"""Times that we ask again after a 429."""
_KEYS = 100
"""Keys tried for one thing: one is used up by each failure that Stripe keeps, over hours."""
_PAGE = 100
"""The most that Stripe lists at a time."""
_PAUSE_S = 0.5
_SERVER_ERROR = 500
_TOO_MANY = 429
_NOT_ALLOWED = frozenset({401, 403})


class StripeTrouble(Exception):
    """Stripe could not be reached or would not answer: nothing is known, ask again later."""

    def __init__(self, safe: str, retry_after_ms: int = 0) -> None:
        super().__init__(safe)
        self.safe = safe
        """Fit for logs: no key, no URL, nothing of a person."""
        self.retry_after_ms = retry_after_ms


class StripeReplayed(StripeTrouble):
    """Stripe repeats a failure that it keeps under the key: look, then ask under another."""


class StripeRefused(Exception):
    """Stripe understood and said no: asked again the same way, it will say no again."""

    def __init__(self, code: str, kind: str, param: str) -> None:
        self.code = code
        """Stripe's own: 'payment_intent_unexpected_state', 'charge_already_refunded', ..."""
        self.safe = f"Stripe refused: {kind} {code} {param}".rstrip()
        super().__init__(self.safe)


_Objects = AsyncGenerator[Json]
_Send = Callable[["RequestOptions"], Awaitable[Any]]


class StripeCalls:
    """One account at Stripe. `key` is a secret or restricted key; `close` it when done."""

    def __init__(self, key: str, api: str = API, timeout_s: float = _TIMEOUT_S) -> None:
        self._key = key
        self._api = api
        self._timeout_s = timeout_s
        self._made: StripeClient | None = None
        self._connections: HTTPXClient | None = None

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return is_live(self._key)

    async def close(self) -> None:
        """Close the connections."""
        if self._connections is not None:
            await self._connections.close_async()

    @property
    def _client(self) -> "StripeClient":
        if self._made is None:
            from stripe import HTTPXClient, StripeClient  # noqa: PLC0415 - half a second

            self._connections = HTTPXClient(timeout=self._timeout_s)
            self._made = StripeClient(
                self._key,
                stripe_version=VERSION,
                base_addresses={"api": self._api},
                max_network_retries=_LIBRARY_RETRIES,
                http_client=self._connections,
            )
        return self._made

    # What is asked.

    async def account(self) -> Json:
        """Return the account that the key is of."""
        return await self._call(
            lambda how: self._client.v1.accounts.retrieve_current_async({}, how)
        )

    async def make_session(self, params: Json, key: str) -> Json:
        """Make a Checkout Session."""
        make = self._client.v1.checkout.sessions.create_async
        return await self._call(lambda how: make(cast("Any", params), how), key)

    async def session(self, session_id: str) -> Json:
        """Return a Checkout Session with its payment intent and its charge."""
        get = self._client.v1.checkout.sessions.retrieve_async
        expand = ["payment_intent", "payment_intent.latest_charge"]
        return await self._call(lambda how: get(session_id, {"expand": expand}, how))

    async def expire_session(self, session_id: str, key: str) -> Json:
        """Expire a Checkout Session: it can't be paid any more."""
        expire = self._client.v1.checkout.sessions.expire_async
        return await self._call(lambda how: expire(session_id, {}, how), key)

    async def make_intent(self, params: Json, key: str) -> Json:
        """Make a payment intent."""
        make = self._client.v1.payment_intents.create_async
        return await self._call(lambda how: make(cast("Any", params), how), key)

    async def intent(self, intent_id: str) -> Json:
        """Return a payment intent with its charge."""
        get = self._client.v1.payment_intents.retrieve_async
        return await self._call(lambda how: get(intent_id, {"expand": ["latest_charge"]}, how))

    async def capture(self, intent_id: str, key: str) -> Json:
        """Capture what a payment intent authorised."""
        capture = self._client.v1.payment_intents.capture_async
        return await self._call(lambda how: capture(intent_id, {}, how), key)

    async def cancel(self, intent_id: str, key: str) -> Json:
        """Cancel a payment intent: it can't be paid any more, what it authorised is released."""
        cancel = self._client.v1.payment_intents.cancel_async
        return await self._call(lambda how: cancel(intent_id, {}, how), key)

    async def make_refund(self, params: Json, key: str) -> Json:
        """Give money back. Raises `StripeReplayed` rather than ask under another key."""
        make = self._client.v1.refunds.create_async
        return await self._call(lambda how: make(cast("Any", params), how), key, keys=1)

    async def refunds(self, of: Mapping[str, str]) -> list[Json]:
        """Return the refunds of a payment intent or a charge, whoever made them."""
        listing = self._client.v1.refunds.list_async
        asked = cast("Any", {**of, "limit": _PAGE})
        found = await self._call(lambda how: listing(asked, how))
        return cast("list[Json]", found["data"])

    async def disputes(self, intent_id: str) -> list[Json]:
        """Return the disputes of a payment intent."""
        listing = self._client.v1.disputes.list_async
        found = await self._call(
            lambda how: listing({"payment_intent": intent_id, "limit": _PAGE}, how)
        )
        return cast("list[Json]", found["data"])

    def intents_since(self, since_s: int) -> AsyncGenerator[Json]:
        """Yield the account's payment intents made since then, the newest first."""
        return self._pages(self._client.v1.payment_intents.list_async, since_s)

    def refunds_since(self, since_s: int) -> AsyncGenerator[Json]:
        """Yield the account's refunds made since then."""
        return self._pages(self._client.v1.refunds.list_async, since_s)

    def disputes_since(self, since_s: int) -> AsyncGenerator[Json]:
        """Yield the account's disputes opened since then."""
        return self._pages(self._client.v1.disputes.list_async, since_s)

    async def _pages(self, listing: Callable[..., Awaitable[Any]], since_s: int) -> _Objects:
        """Yield a list page by page: as much is held as is looked at."""
        asked: Json = {"created": {"gte": since_s}, "limit": _PAGE}
        while True:
            page = await self._call(lambda how, now=dict(asked): listing(now, how))
            for one in page["data"]:
                yield one
            if not page["has_more"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]

    # How it is asked.

    async def _call(self, send: _Send, key: str = "", keys: int = _KEYS) -> Json:
        """Ask, again where that is safe; `key` is the idempotency key of what changes something."""
        from stripe import StripeError  # noqa: PLC0415 - half a second

        paused = renewed = 0
        while True:
            how: RequestOptions = {}
            if key:
                how["idempotency_key"] = f"{key}-{renewed + 1}" if renewed else key
            try:
                answer = await send(how)
            except StripeError as failed:
                if key and _replayed(failed):
                    renewed += 1
                    if renewed >= keys:
                        raise StripeReplayed("Stripe repeats a failure of its own") from None
                elif failed.http_status == _TOO_MANY and paused < _PATIENT:
                    paused += 1
                    await asyncio.sleep(_pause_s(failed, paused, key))
                else:
                    raise _told(failed) from None  # Its own text may hold what it was sent.
            else:
                return cast("Json", answer.to_dict())


def is_live(key: str) -> bool:
    """Whether a key moves real money: it says so itself."""
    return "_live_" in key[:12]


def _headers(failed: "StripeError") -> Mapping[str, str]:
    return {name.lower(): value for name, value in (failed.headers or {}).items()}


def _replayed(failed: "StripeError") -> bool:
    """Whether Stripe repeats a failure of its own that it keeps under the key."""
    again = _headers(failed).get("idempotent-replayed") == "true"
    return again and (failed.http_status or 0) >= _SERVER_ERROR


def _pause_s(failed: "StripeError", times: int, key: str) -> float:
    """Return the pause that Stripe asks for, or one that doubles, spread by the call's key."""
    asked = _headers(failed).get("retry-after", "")
    if asked.isdigit():
        return float(min(int(asked), 10))
    lot = sha256(f"{key}:{times}".encode()).digest()[0] / 256
    return float(_PAUSE_S * 2 ** (times - 1) * (1 + lot))


def _told(failed: "StripeError") -> StripeTrouble | StripeRefused:
    """Return what a failure means to who called."""
    status, kind = failed.http_status or 0, type(failed).__name__
    if status == _TOO_MANY:
        asked = _headers(failed).get("retry-after", "")
        wait_ms = min(int(asked), 60) * 1_000 if asked.isdigit() else 0
        return StripeTrouble("Stripe says that too much is asked", wait_ms)
    if status in _NOT_ALLOWED:
        return StripeTrouble(f"Stripe does not take the key for this ({kind})")
    if not status or status >= _SERVER_ERROR:
        return StripeTrouble(f"Stripe could not answer ({kind} {status or 'no answer'})")
    param = str(getattr(failed, "param", None) or "")
    return StripeRefused(failed.code or str(status), kind, param)
