"""A fan pays by Stripe from the chat: the page behind a link, or a Pix code. Every part is real.

The bot is on our Bot API server, Stripe is the stand-in, its webhooks come to the HTTP room.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import zxingcpp
from PIL import Image
from pydantic import SecretStr

from app.serving import application
from bot.local_api.people import Person
from tests.auxil import books, telegrams
from tests.auxil.drafts import fare, show, tier
from tests.auxil.offices import HandClock
from tests.auxil.telegrams import House
from tests.stripe.server import KEY, SECRET, StripeStandIn, serving, stand_in

SAMBA = show(tier("Pista", 2, fare("Inteira", 6_000, 600)), slug="samba")
TWO_TICKETS_MINOR = 13_200


@asynccontextmanager
async def open_house(folder: Path) -> AsyncGenerator[tuple[House, StripeStandIn]]:
    """Open a house whose fans pay by Stripe, with test keys."""
    clock = HandClock()
    async with (
        stand_in(clock.now_ms) as stripe,
        telegrams.house(
            folder,
            SAMBA,
            clock=clock,
            stripe_key=SecretStr(KEY),
            stripe_webhook_secret=SecretStr(SECRET),
            stripe_url=stripe.url,
        ) as house,
        serving(application(house.an_office)) as url,
    ):
        stripe.hook = f"{url}/hooks/stripe"
        yield house, stripe
        await stripe.settle()
    books.check(folder / "office.db")


async def to_pay(house: House, way: str) -> Person:
    """Have Ana choose two tickets and a way to pay."""
    ana = house.api.person("Ana", language="en")
    house.say(ana, "/start samba")
    await house.tap(ana, "Buy tickets")
    await house.tap(ana, "Inteira")
    await house.tap(ana, "2", on="How many")
    await house.tap(ana, f"{way} (a trial, no money moves)")
    return ana


async def has_tickets(house: House, stripe: StripeStandIn, ana: Person) -> None:
    """See that Ana has her two tickets, and that they are paid."""
    shown = await ana.sees("2 tickets are yours")
    assert "no money moves" in shown.text
    before = len(ana.messages)
    await house.tap(ana, "QR codes")
    await ana.until(lambda: len(ana.messages) == before + 2)
    for shown in ana.messages[-2:]:
        assert read(house, shown.file_id).startswith(f"B1.{house.shows['samba']}.")
    found = await house.an_office.look.show(house.shows["samba"])
    assert found is not None
    assert found.valid == 2
    assert stripe.world.kept_minor() == TWO_TICKETS_MINOR


def read(house: House, file_id: str) -> str:
    """Read a picture that the bot sent, as a phone does."""
    with Image.open(BytesIO(house.api.download(file_id))) as picture:
        (found,) = zxingcpp.read_barcodes(picture)
    return found.text


async def test_a_link_is_opened_declined_tried_again_and_paid(tmp_path: Path) -> None:
    async with open_house(tmp_path) as (house, stripe):
        ana = await to_pay(house, "Pay by card")
        page = (await ana.offered("Open the payment page")).button("Open the payment page")
        assert page is not None
        (session,) = (one for one in stripe.world.sessions.values() if one["url"] == page.url)
        assert stripe.world.pay_card(session["id"], "declined") == "declined"
        assert stripe.world.pay_card(session["id"], "3ds") == "asked"
        assert stripe.world.answer_3ds(session["id"], yes=True) == "authorised"
        await has_tickets(house, stripe, ana)


async def test_a_pix_is_copied_or_scanned_and_paid(tmp_path: Path) -> None:
    async with open_house(tmp_path) as (house, stripe):
        ana = await to_pay(house, "Pay by Pix")
        shown = await ana.offered("Copy the code")
        button = shown.button("Copy the code")
        assert button is not None
        (intent,) = stripe.world.intents.values()
        code = intent["next_action"]["pix_display_qr_code"]["data"]
        assert button.copied == code
        assert code in shown.text
        await house.tap(ana, "Show the QR code")
        await ana.until(lambda: any(one.file_id for one in ana.messages))
        (picture,) = (one.file_id for one in ana.messages if one.file_id)
        assert read(house, picture) == code
        assert stripe.world.pay_pix(intent["id"]) == "paid"
        await has_tickets(house, stripe, ana)


async def test_what_is_not_paid_in_time_can_not_be_paid_any_more(tmp_path: Path) -> None:
    async with open_house(tmp_path) as (house, stripe):
        ana = await to_pay(house, "Pay by card")
        await ana.offered("Open the payment page")
        house.clock.ms += 26 * 60_000
        await ana.sees("The time for this purchase ended")
        (session,) = stripe.world.sessions
        assert stripe.world.pay_card(session) == "closed"
        assert stripe.world.kept_minor() == 0
