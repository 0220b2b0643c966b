"""What managers are told in the staff chat."""

import asyncio
from pathlib import Path

from bot.staff import Staff
from core.terms import HOUR_MS, MINUTE_MS
from tests.auxil import telegrams
from tests.auxil.drafts import fare, show, tier
from tests.auxil.fans import Fan, register

SHOW = show(tier("Pista", 2, fare("Inteira", 6_000, 600)), slug="samba")


async def test_figures_and_a_sold_out_show_are_told_once(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        boss = house.api.person("Boss", language="pt-br")
        staff = Staff(house.bot.room, boss.user_id, "09:00")
        await staff.round()
        assert not boss.messages
        await register(house.an_office.office, "ana")
        await Fan(house.an_office.office, house.shows["samba"], "ana").buy(2)
        await staff.round()
        await boss.sees("Esgotado: Show samba.")
        house.clock.ms += 24 * HOUR_MS
        await staff.round()
        shown = await boss.sees("Vendas de dom., 17 de mar. de 2030")
        assert "2 vendidos, 0 devolvidos, R$\xa0120,00 + R$\xa012,00 de taxas" in shown.text
        await staff.round()
        assert len(boss.messages) == 2


async def test_a_line_that_does_not_move_is_told(tmp_path: Path) -> None:
    one_at_a_time = show(tier("Pista", 5), slug="fila", calls_max=1)
    async with telegrams.house(tmp_path, one_at_a_time) as house:
        boss = house.api.person("Boss", language="pt-br")
        staff = Staff(house.bot.room, boss.user_id, "23:59")
        office, show_id = house.an_office.office, house.shows["fila"]
        await register(office, "ana", "bia", "caio")
        for name in ("ana", "bia", "caio"):
            await Fan(office, show_id, name).join()
        await staff.round()
        house.clock.ms += 4 * MINUTE_MS
        await staff.round()
        assert not boss.messages
        house.clock.ms += 2 * MINUTE_MS
        await staff.round()
        assert "2 pessoas esperam" in (await boss.sees("A fila de Show fila")).text


async def test_payments_that_do_not_get_through_are_told(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        boss = house.api.person("Boss", language="en")
        staff = Staff(house.bot.room, boss.user_id, "23:59")
        office, show_id = house.an_office.office, house.shows["samba"]
        await register(office, "ana")
        fan = Fan(office, show_id, "ana")
        await fan.join()
        await fan.choose()

        async def down(*_: object) -> None:
            raise ConnectionError

        house.bank.start = down  # pyright: ignore[reportAttributeAccessIssue]  # it is down
        await fan.check_out(outside=1)
        await staff.round()
        await asyncio.sleep(0)
        house.clock.ms += 4 * MINUTE_MS
        await staff.round()
        await boss.sees("pagamentos não passam")
