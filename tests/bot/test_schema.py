"""Our Telegram held to the real one's published schema, through aiogram's models and client."""

import asyncio

from bot.local_api.server import LocalApi
from tests.auxil import schema
from tests.auxil.offices import HandClock

pytestmark = schema.needed


async def test_a_second_client_finds_its_way() -> None:
    async with LocalApi(HandClock()) as api:
        ana = api.person("Ana")
        process = await asyncio.create_subprocess_exec(
            schema.PYTHON,
            schema.ROOT / "tests/schema/second_client.py",
            api.root,
            api.token,
        )
        ana.send("/start")
        shown = await ana.sees("olá")
        assert (await ana.tap(shown, "a")).text == "b"
        assert ana.messages[-1].text == "tapped"
        ana.send("file")
        await ana.sees("downloaded b'one\\r\\ntwo'")
        api.trouble.flood("getUpdates")
        ana.send("about")
        await ana.sees(f"start {api.world.me['username']} Ana polling")
        ana.send("invoice")
        await ana.until(lambda: "invoice" in ana.everything[-1])
        assert (await ana.pay(str(ana.everything[-1]["message_id"]))).paid
        await ana.sees("refunded")
        assert [found["title"] for found in await ana.search("x")] == ["found"]
        ana.block()
        ana.unblock()
        ana.send("last")
        await ana.sees("heard last")
        ana.send("stop")
        assert await process.wait() == 0
        assert api.world.updates.pending == 0
        await schema.hold(api)


async def test_the_schema_finds_what_is_wrong() -> None:
    said = await schema.problems(
        [
            {"method": "makeCoffee", "given": {}, "result": True},
            {"method": "sendMessage", "given": {"text": "x"}, "result": True},
            {"method": "getMe", "given": {}, "result": {"id": 1}},
            {"update": {"update_id": 1, "massage": {}}},
            {"update": {"update_id": "one"}},
        ]
    )
    assert "no method makeCoffee" in said
    assert "sendMessage asked: chat_id: Field required" in said
    assert "getMe: first_name: Field required" in said
    assert "update.massage is no field of Update" in said
    assert "update: update_id: Input should be a valid integer" in said
