"""Whole journeys, as people make them: over HTTP, by long poll, in both languages."""

import re
from pathlib import Path

from tests.auxil import telegrams
from tests.auxil.drafts import fare, show, tier

SHOW = show(
    tier("Pista", 4, fare("Inteira", 6_000, 600), fare("Meia", 3_000, 300, proof=True)),
    slug="samba",
)


async def test_a_fan_buys_two_tickets_by_pix(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start")
        await house.tap(ana, "Show samba")
        shown = await ana.sees("Buy tickets")
        assert "4 tickets left" in shown.text
        await house.tap(ana, "Buy tickets")
        await house.tap(ana, "Meia")
        await house.tap(ana, "2", on="How many")
        shown = await ana.sees("Total")
        assert "R$66.00" in shown.text
        await house.tap(ana, "Pay by Pix")
        shown = await ana.sees("Copy this code")
        code = re.search(r"00020126\S+", shown.text)
        assert code is not None
        copy = shown.button("Copy the code")
        assert copy is not None
        assert copy.copied == code.group()
        await house.bank.pay(house.an_office.office, code.group())
        shown = await ana.sees("2 tickets are yours")
        assert len(ana.messages) == 1 + 0, [m.text for m in ana.messages]
