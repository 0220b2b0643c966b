"""When payments are compared by themselves: each minute those open too long, each night all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.reconciler import ReconcilerJobs
from app.settings import Settings
from tests.auxil.shop import MINUTE_MS, PRICE_MINOR, Shop


async def test_each_minute_what_is_open_and_each_night_all(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    settings = Settings(time_zone=zone.key, reconcile_at="04:30", reconcile_seconds=60)
    jobs = ReconcilerJobs(shop.reconciler, settings, shop.clock)
    often, nightly = vars(jobs)["_jobs"].get_jobs()
    assert often.trigger.interval == timedelta(seconds=60)
    noon, next_night = (
        datetime(2027, 3, 1, 12, tzinfo=zone),
        datetime(2027, 3, 2, 4, 30, tzinfo=zone),
    )
    assert nightly.trigger.get_next_fire_time(None, noon) == next_night

    shop.stripe.hook, world = "", shop.stripe.world
    await shop.check_out("ana", "pix")
    reference = (await shop.payment("ana")).reference
    world.pay_pix(reference)
    await often.func()
    assert await shop.state("ana") == "paying pending", "it is not open for long yet"
    shop.clock.ms += 3 * MINUTE_MS
    await often.func()
    assert await shop.state("ana") == "completed captured"

    world.make_refund({"payment_intent": reference, "amount": PRICE_MINOR})
    await often.func()
    assert await shop.state("ana") == "completed captured", "it is over, and looked at by night"
    await nightly.func()
    assert await shop.state("ana") == "completed refunded"

    shop.stripe.faults.down = True
    await nightly.func()
    assert "could not be compared" in caplog.text
    shop.stripe.faults.down = False
