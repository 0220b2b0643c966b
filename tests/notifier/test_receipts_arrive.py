"""A receipt bought in any way reaches a mail server, Telegram and push, each as fall-back too."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.local_api.server import LocalApi
from core import requests as ask
from core.messages import Kind
from core.outcomes import CheckedOut, Paid
from payments.counter import Taken, take_cash
from payments.telegram import TelegramTill, payload_of
from tests.auxil.mailbox import Mailbox, serving
from tests.auxil.post import Post, mail_of, push_of, telegram_of
from tests.auxil.recorder import Recorder, recording
from tests.auxil.shop import Shop, open_shop


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as kept:
        yield kept


@dataclass
class Street:
    """A shop, and three ways to reach the people who buy there, all over real sockets."""

    shop: Shop
    post: Post
    api: LocalApi
    mailbox: Mailbox
    recorder: Recorder

    async def knows(self, name: str, *contacts: tuple[str, str]) -> None:
        await self.post.registered(name, *contacts)
        channels = tuple(channel for channel, _ in contacts)
        await self.post.office.prefer(ask.Prefer(customer_id=name, channels=channels))

    async def tried(self, name: str) -> list[tuple[str, str]]:
        """(channel, state) of the attempts at the receipt."""
        return [(one[0], one[2]) for one in await self.post.attempts(Kind.RECEIPT, name)]


@pytest.fixture
async def street(tmp_path: Path, recorder: Recorder) -> AsyncGenerator[Street]:
    async with (
        open_shop(tmp_path, capacity=20) as shop,
        LocalApi(shop.clock) as api,
        serving(Mailbox()) as mailbox,
    ):
        channels = [telegram_of(api), mail_of(mailbox, shop.clock), push_of(recorder)]
        post = Post(shop.office, shop.clock, channels)
        yield Street(shop, post, api, mailbox, recorder)
        for channel in channels:
            await channel.close()


async def order_of(shop: Shop, name: str, channel: str, gateway: str, method: str) -> CheckedOut:
    at = ask.Join(show_id=1, purchase_id=name, customer_id=name, channel=channel)
    await shop.office.join(at)
    await shop.office.choose(ask.Choose(show_id=1, purchase_id=name, wanted=((1, 1),)))
    order = await shop.office.check_out(
        ask.CheckOut(
            show_id=1,
            purchase_id=name,
            payment_id=f"{name}-pay",
            gateway=gateway,
            method=method,
            outside=int(gateway != "counter"),
        )
    )
    assert isinstance(order, CheckedOut), order
    return order


async def at_the_window(shop: Shop, name: str) -> None:
    order = await order_of(shop, name, "window", "counter", "cash")
    cash = take_cash(order, order.total_minor, "BRL")
    assert isinstance(cash, Taken)
    assert isinstance(await shop.office.report(cash.report), Paid)


async def by_an_invoice_in_telegram(shop: Shop, name: str) -> None:
    order = await order_of(shop, name, "telegram", "telegram", "invoice")
    till, payload = TelegramTill(shop.office), payload_of(1, f"{name}-pay")
    assert await till.agree(payload, order.total_minor, "BRL")
    await till.take(payload, order.total_minor, "BRL", f"charge-{name}")


async def by_stripe(shop: Shop, name: str) -> None:
    await shop.buys(name)


BOUGHT = pytest.mark.parametrize("buy", [at_the_window, by_an_invoice_in_telegram, by_stripe])
Buying = Callable[[Shop, str], Awaitable[None]]


@BOUGHT
async def test_a_receipt_bought_in_any_way_reaches_mail_telegram_and_push(
    street: Street, buy: Buying
) -> None:
    eva = street.api.person("Eva")
    await street.knows("eva", ("telegram", str(eva.user_id)))
    await street.knows("gil", ("email", "gil@example.org"))
    await street.knows("lia", ("push", "lia-topic"))
    for name in ("eva", "gil", "lia"):
        await buy(street.shop, name)
    await street.post.deliver()
    text, photo = eva.messages[-2:]
    assert "Seu ingresso para Show s" in text.text
    assert street.api.download(text.file_id).startswith(b"%PDF")
    assert street.api.download(photo.file_id).startswith(b"\x89PNG")
    mail = street.mailbox.visible[-1]
    assert (mail["To"], mail["Subject"]) == ("gil@example.org", "Seu ingresso para Show s")
    assert "application/pdf" in {part.get_content_type() for part in mail.walk()}
    assert street.recorder.to("lia-topic")[-1]["title"] == "Seu ingresso para Show s"


@BOUGHT
async def test_each_of_them_is_the_fall_back_of_another(street: Street, buy: Buying) -> None:
    eva, lia = street.api.person("Eva"), street.api.person("Lia")
    eva.block()
    street.mailbox.says["gil@example.org"] = ["550 no such user"] * 9
    await street.knows("eva", ("telegram", str(eva.user_id)), ("email", "eva@example.org"))
    await street.knows("gil", ("email", "gil@example.org"), ("push", "gil-topic"))
    await street.knows("lia", ("push", "lia-topic"), ("telegram", str(lia.user_id)))
    for name in ("eva", "gil"):
        await buy(street.shop, name)
    await street.post.deliver_all(3)
    assert (await street.tried("eva"))[-1] == ("email", "sent")
    assert (await street.tried("gil"))[-1] == ("push", "sent")
    await buy(street.shop, "lia")
    street.recorder.answers = [503] * 9
    await street.post.deliver_all(6)
    assert (await street.tried("lia"))[-1] == ("telegram", "sent")
    assert "Seu ingresso para Show s" in [one.text.splitlines()[0] for one in lia.messages]
