"""Drives purchases through the one door: someone registers, joins, chooses, pays."""

import asyncio
from dataclasses import dataclass
from typing import cast

from core.box_office import BoxOffice
from core.outcomes import CheckedOut, Paid, Registered, Standing
from core.requests import CheckOut, Choose, Join, Register, Report


async def register(office: BoxOffice, *names: str) -> None:
    """Make customers known: `names` are their ids and their Telegram addresses."""
    answers = await asyncio.gather(
        *(
            office.register(Register(customer_id=name, contacts=(("telegram", name),)))
            for name in names
        ),
    )
    assert all(isinstance(answer, Registered) for answer in answers), answers


@dataclass(frozen=True, slots=True)
class Fan:
    """One person at one show; purchase and payment are named after the person."""

    office: BoxOffice
    show_id: int
    name: str
    channel: str = "telegram"

    async def join(self) -> Standing:
        request = Join(
            show_id=self.show_id,
            purchase_id=self.name,
            customer_id=self.name,
            channel=self.channel,
        )
        return cast("Standing", await self.office.join(request))

    async def choose(self, quantity: int = 1, fare_no: int = 1) -> object:
        wanted = ((fare_no, quantity),)
        return await self.office.choose(
            Choose(show_id=self.show_id, purchase_id=self.name, wanted=wanted),
        )

    async def check_out(self, *, outside: int = 0) -> object:
        return await self.office.check_out(
            CheckOut(
                show_id=self.show_id,
                purchase_id=self.name,
                payment_id=f"{self.name}-pay",
                gateway="bank" if outside else "counter",
                method="card" if outside else "cash",
                outside=outside,
            ),
        )

    async def pay(self, amount_minor: int, state: str = "captured") -> object:
        report = Report(
            show_id=self.show_id,
            payment_id=f"{self.name}-pay",
            event_id=f"{self.name}-{state}",
            state=state,
            amount_minor=amount_minor,
            currency="BRL",
        )
        return await self.office.report(report)

    async def buy(self, quantity: int = 1, fare_no: int = 1) -> Paid:
        """The whole way, from joining (somebody whose turn it is) to tickets."""
        await self.join()
        await self.choose(quantity, fare_no)
        order = await self.check_out()
        assert isinstance(order, CheckedOut), order
        paid = await self.pay(order.total_minor)
        assert isinstance(paid, Paid), paid
        return paid
