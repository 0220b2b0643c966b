"""What `bilheteria work` runs: the scheduler, and the workers of payment effects and messages."""

import asyncio
import contextlib
import logging
import signal

from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.logs import write_logs
from app.loop import answer_soon, run
from app.messaging import message_workers, open_courier, set_up
from app.reconciler import OPEN_MS, TRYING_MS, Reconciler, ReconcilerJobs
from app.reporting import Money
from app.scheduler import Scheduler
from app.settings import Settings
from app.wiring import Open, open_office
from core.messages import GATEWAY_KINDS

_log = logging.getLogger("bilheteria.work")


def work(settings: Settings, *, once: bool) -> None:
    """Look after the office until SIGINT or SIGTERM; `once`: do what is due now, then end."""
    write_logs(settings)
    # Papers are made in a thread. Calls wait less for it so, and a worker that is killed leaves a
    # third of the copies: an answer is noted in 4 ms, not in 11.
    answer_soon()
    run(_work(settings, once=once))


async def _work(settings: Settings, *, once: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: an interrupt ends it at once
            loop.add_signal_handler(number, stop.set)
    async with open_office(settings) as an_office:
        if once:
            await do_what_is_due(an_office)
        else:
            await look_after(an_office, stop)


def _payment_worker(an_office: Open) -> EffectWorker:
    calls = GatewayCalls(an_office.office, an_office.gateways)
    return EffectWorker(an_office.office, an_office.ids.new(), GATEWAY_KINDS, calls)


async def do_what_is_due(an_office: Open) -> None:
    """Run one round of the caretaker; carry out payment effects and messages that are due."""
    await an_office.caretaker.round()
    async with open_courier(an_office) as courier:
        workers = [_payment_worker(an_office)]
        workers += message_workers(an_office, courier) if courier else []
        while any([await worker.round() for worker in workers]):
            pass


async def look_after(an_office: Open, stop: asyncio.Event) -> None:
    """Keep the scheduler and all workers running until told to stop."""
    settings = an_office.settings
    scheduler = Scheduler(an_office.caretaker, an_office.clock, settings.sweep_seconds)
    money = Money(an_office.office, an_office.gateways)
    reconciler = Reconciler(money, an_office.look, an_office.clock)
    real = all(gateway.moves_money for gateway in an_office.gateways.values())
    open_ms = OPEN_MS if real else TRYING_MS
    nights = ReconcilerJobs(reconciler, settings, an_office.clock, open_ms)
    scheduler.start()
    nights.start()
    channels = ", ".join(set_up(settings)) or "none is set up"
    _log.info("at work on %s; channels: %s", an_office.database.name, channels)
    try:
        async with open_courier(an_office) as courier, asyncio.TaskGroup() as working:
            working.create_task(_payment_worker(an_office).run(stop))
            for worker in message_workers(an_office, courier) if courier else ():
                working.create_task(worker.run(stop))
    finally:
        await nights.stop()
        await scheduler.stop()
        _log.info("stopped")
