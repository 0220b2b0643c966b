"""The HTTP room by itself: health, figures, and hooks that fail."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

import httpx
import pytest

from api.figures import Figure
from api.hooks import BODY_MAX, Hook, Verdict
from api.server import build
from core.ports import StorageLost
from tests.stripe.server import serving


class Recorder:
    """A hook that keeps what it is given and says what it was told to say."""

    def __init__(self) -> None:
        self.said: Verdict | Exception = Verdict.TAKEN
        self.bodies: list[bytes] = []
        self.headers: Mapping[str, str] = {}
        self.lacking: str | Exception | None = None
        self.held: asyncio.Event | None = None

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> Verdict:
        self.bodies.append(body)
        self.headers = headers
        if self.held is not None:
            await self.held.wait()
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    async def ready(self) -> str | None:
        if isinstance(self.lacking, Exception):
            raise self.lacking
        return self.lacking


async def look_up() -> Iterable[Figure]:
    return [Figure("outbox_effects", ("receipt", "waiting"), 3)]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def client(recorder: Recorder) -> AsyncIterator[httpx.AsyncClient]:
    hook: Hook = recorder
    async with (
        serving(build({"some": hook}, recorder.ready, look_up, read_s=0.3)) as url,
        httpx.AsyncClient(base_url=url) as opened,
    ):
        yield opened


async def test_a_hook_gets_the_raw_body_and_headers_in_lower_case(
    client: httpx.AsyncClient, recorder: Recorder
) -> None:
    body = b'{"a" : 1}\n\xff'
    answer = await client.post("/hooks/some", content=body, headers={"X-Token": "T"})
    assert (answer.status_code, recorder.bodies) == (200, [body])
    assert recorder.headers["x-token"] == "T"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Verdict.TAKEN, 200),
        (Verdict.IGNORED, 200),
        (Verdict.STRANGE, 200),
        (Verdict.FORGED, 400),
        (Verdict.MALFORMED, 400),
        (Verdict.AGAIN, 503),
        (StorageLost("the database is locked: token=secret"), 503),
    ],
)
async def test_what_a_hook_says_is_answered_and_counted(
    client: httpx.AsyncClient, recorder: Recorder, said: Verdict | Exception, status: int
) -> None:
    recorder.said = said
    answer = await client.post("/hooks/some", content=b"x")
    assert answer.status_code == status
    assert "secret" not in answer.text
    verdict = said if isinstance(said, Verdict) else "again"
    text = (await client.get("/metrics")).text
    assert f'bilheteria_hooks_total{{hook="some",verdict="{verdict}"}} 1.0' in text


@pytest.mark.parametrize("declared", [True, False])
async def test_a_long_body_is_refused(
    client: httpx.AsyncClient, recorder: Recorder, declared: bool
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * (BODY_MAX // 8)

    content = b"x" * (BODY_MAX + 1) if declared else parts()
    assert (await client.post("/hooks/some", content=content)).status_code == 413
    assert not recorder.bodies


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_body_that_does_not_come_is_not_waited_for(
    client: httpx.AsyncClient, recorder: Recorder, leaves: bool
) -> None:
    port = client.base_url.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /hooks/some HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it")
    await writer.drain()
    if leaves:
        writer.close()
    else:
        assert b" 408 " in await reader.readline()
    counted = 'bilheteria_hooks_total{hook="some",verdict="too_slow"} 1.0'
    async with asyncio.timeout(30):
        while counted not in (await client.get("/metrics")).text:
            await asyncio.sleep(0.01)
    assert not recorder.bodies
    writer.close()


async def test_one_that_stalls_holds_up_nobody(
    client: httpx.AsyncClient, recorder: Recorder
) -> None:
    held = asyncio.Event()
    recorder.held = held
    stalled = asyncio.create_task(client.post("/hooks/some", content=b"stalled"))
    while not recorder.bodies:
        await asyncio.sleep(0.01)
    recorder.held = None
    assert (await client.post("/hooks/some", content=b"next")).status_code == 200
    assert not stalled.done()
    held.set()
    assert (await stalled).status_code == 200


async def test_only_what_is_there_is_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/hooks/some")).status_code == 405
    assert (await client.post("/hooks/other")).status_code == 404
    assert (await client.get("/")).status_code == 404


async def test_health_readiness_and_figures(client: httpx.AsyncClient, recorder: Recorder) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    assert (await client.get("/readyz")).status_code == 200
    recorder.lacking = "no database"
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: no database\n")
    recorder.lacking = StorageLost("a path that is nobody's business")
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: StorageLost\n")
    text = (await client.get("/metrics")).text
    assert 'bilheteria_outbox_effects{kind="receipt",state="waiting"} 3.0' in text
