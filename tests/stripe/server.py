"""The stand-in on a real socket: idempotency, faults, and webhooks that come as they please."""

import asyncio
import hmac
import json
import random
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.stripe import schema
from tests.stripe.world import Json, Refused, World

KEY = "sk_test_standin"
SECRET = "whsec_standin"


def sign(body: bytes, at_s: int, secret: str = SECRET) -> str:
    """The Stripe-Signature of a body."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, sha256).hexdigest()
    return f"t={at_s},v1={digest}"


@dataclass
class Faults:
    """How often things go wrong, in thousandths; all drawn from one seed."""

    seed: int = 0
    too_many: int = 0
    """429 with Retry-After 0."""
    error: int = 0
    """500 before anything is done."""
    error_after: int = 0
    """500 although it is done; kept under its key and replayed, as Stripe does."""
    cut: int = 0
    """Done, and the connection cut in the middle of the answer."""
    drop: int = 0
    """The connection cut before anything is done."""
    slow: int = 0
    slow_s: float = 0.2
    lose: int = 0
    """Webhooks never sent."""
    twice: int = 0
    delay: int = 0
    delay_s: float = 0.5
    forge: int = 0
    """A forged event goes out beside a real one."""
    down: bool = False
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def hit(self, name: str) -> bool:
        rate = getattr(self, name)
        if not rate or self._random.randrange(1_000) >= rate:
            return False
        self.counts[name] = self.counts.get(name, 0) + 1
        return True


@dataclass
class Answer:
    """What was answered to a key: it is answered again."""

    asked: str
    status: int
    body: Json


class StripeStandIn:
    """Serves a `World`; `hook` is where its webhooks go, '' for nowhere."""

    def __init__(self, world: World, faults: Faults | None = None) -> None:
        self.world, self.faults = world, faults or Faults()
        self.hook = ""
        self.asked: list[str] = []
        """Every call as 'post /v1/refunds'."""
        self.off_schema: list[str] = []
        self.events: list[Json] = []
        self.url = ""
        self._kept: dict[str, Answer] = {}
        self._sending: set[asyncio.Task[None]] = set()
        world.on_event = self._on_event
        paths: dict[str, list[str]] = {}
        for operation in schema.SPEC["operations"]:
            verb, path = operation.split(" ")
            paths.setdefault(path, []).append(verb.upper())
        self.app = Starlette(
            routes=[Route(path, self._endpoint(path), methods=v) for path, v in paths.items()]
        )

    def _endpoint(self, path: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            return await self._serve(request, f"{request.method.lower()} {path}")

        return endpoint

    async def _serve(self, request: Request, operation: str) -> Response:
        faults, text = self.faults, (await request.body()).decode()
        self.asked.append(operation)
        if faults.down or faults.hit("drop"):
            return Cut(b"")
        if faults.hit("slow"):
            await asyncio.sleep(faults.slow_s)
        if request.headers.get("authorization") != f"Bearer {KEY}":
            body = Refused(401, "", "Invalid API Key provided").body
            return JSONResponse(body, 401)
        if faults.hit("too_many"):
            limited = Refused(429, "rate_limit", "Too many requests").body
            return JSONResponse(limited, 429, {"retry-after": "0"})
        if faults.hit("error"):
            return JSONResponse(Refused(500, "", "An unknown error", "api_error").body, 500)
        return self._answer(request, operation, text)

    def _answer(self, request: Request, operation: str, text: str) -> Response:
        key = request.headers.get("idempotency-key", "")
        kept = self._kept.get(key) if key and operation.startswith("post") else None
        if kept is not None:
            if kept.asked != f"{operation} {text}":
                raise schema.OffSchema(f"the key {key} was used for something else")
            headers = {"idempotent-replayed": "true"}
            if kept.status >= 500:
                headers["stripe-should-retry"] = "false"
            return JSONResponse(kept.body, kept.status, headers)
        try:
            status, body = 200, self._do(request, operation, text)
            if operation.startswith("post") and self.faults.hit("error_after"):
                status, body = 500, Refused(500, "", "An unknown error", "api_error").body
        except Refused as refused:
            status, body = refused.status, refused.body
            schema.told("error", body)
        except schema.OffSchema as wrong:
            self.off_schema.append(str(wrong))
            status, body = 400, Refused(400, "parameter_unknown", str(wrong)).body
        if key:
            self._kept[key] = Answer(f"{operation} {text}", status, body)
        if self.faults.hit("cut"):
            return Cut(json.dumps(body).encode())
        return JSONResponse(body, status, {"stripe-should-retry": "false"} if status == 500 else {})

    def _do(self, request: Request, operation: str, text: str) -> Json:
        world, at = self.world, request.path_params
        query = schema.read_form(operation, "query", request.url.query)
        asked = schema.read_form(operation, "body", text) if operation.startswith("post") else {}
        expand = query.get("expand")
        match operation.partition(" /v1/")[::2]:
            case ["get", "account"]:
                answer = world.account()
            case ["post", "checkout/sessions"]:
                answer = world.make_session(asked)
            case ["get", "checkout/sessions/{session}"]:
                answer = world.session(at["session"], expand)
            case ["post", "checkout/sessions/{session}/expire"]:
                answer = world.expire_session(at["session"])
            case ["post", "payment_intents"]:
                answer = world.make_intent(asked)
            case ["get", "payment_intents"]:
                answer = world.list_of(world.intents, "/v1/payment_intents", query)
            case ["get", "payment_intents/{intent}"]:
                answer = world.intent(at["intent"], expand)
            case ["post", "payment_intents/{intent}/capture"]:
                answer = world.capture(at["intent"], asked)
            case ["post", "payment_intents/{intent}/cancel"]:
                answer = world.cancel(at["intent"])
            case ["post", "refunds"]:
                answer = world.make_refund(asked)
            case ["get", "refunds"]:
                answer = world.list_of(world.refunds, "/v1/refunds", query)
            case _:
                answer = world.list_of(world.disputes, "/v1/disputes", query)
        return schema.answered(operation, answer)

    # Webhooks.

    def _on_event(self, event: Json) -> None:
        schema.told("event", event)
        schema.told(event["data"]["object"]["object"], event["data"]["object"])
        self.events.append(event)
        if not self.hook or self.faults.hit("lose"):
            return
        for _ in range(2 if self.faults.hit("twice") else 1):
            self._later(self._deliver(event))
        if self.faults.hit("forge"):
            self._later(self._forge(event))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, event: Json) -> None:
        """Send until it is taken, a few times."""
        if self.faults.hit("delay"):
            await asyncio.sleep(self.faults.delay_s)
        for attempt in range(6):
            if await self.send(event) // 100 == 2:
                return
            await asyncio.sleep(0.1 * 2**attempt)

    async def send(self, event: Json, secret: str = SECRET, skew_s: int = 0) -> int:
        """Send an event once; return the status it was met with, 0 for none."""
        body = json.dumps(event).encode()
        header = sign(body, self.world.now_s() + skew_s, secret)
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                answer = await client.post(
                    self.hook, content=body, headers={"stripe-signature": header}
                )
        except httpx.HTTPError:
            return 0
        return answer.status_code

    async def _forge(self, event: Json) -> None:
        """Someone without the secret says that all is paid."""
        thing = {**event["data"]["object"], "status": "succeeded"}
        forged = {**event, "id": "evt_forged", "type": "payment_intent.succeeded"}
        await self.send({**forged, "data": {"object": thing}}, "whsec_guessed")

    async def settle(self) -> None:
        """Wait until every webhook was sent or given up."""
        while self._sending:
            await asyncio.wait(set(self._sending))


class Cut(Response):
    """Half an answer, then nothing: the connection is closed."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000000")]
        if self.body:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            half = bytes(self.body[: len(self.body) // 2])
            await send({"type": "http.response.body", "body": half, "more_body": True})
        scope["extensions"]["cut"]()


class _Cutting:
    """Lets an answer close its own connection."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def cut() -> None:
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            if transport is not None:
                transport.abort()

        scope.setdefault("extensions", {})["cut"] = cut
        await self._app(scope, receive, send)


@asynccontextmanager
async def serving(app: Callable[..., Any], port: int = 0) -> AsyncGenerator[str]:
    """Serve an application on a loopback port; yields its URL."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="critical", lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def stand_in(
    now_ms: Callable[[], int], faults: Faults | None = None
) -> AsyncGenerator[StripeStandIn]:
    """Serve a stand-in; on leaving, nothing that went over the wire was off Stripe's schema."""
    made = StripeStandIn(World(now_s=lambda: now_ms() // 1_000), faults)
    async with serving(_Cutting(made.app)) as made.url:
        yield made
        await made.settle()
    assert not made.off_schema, made.off_schema
