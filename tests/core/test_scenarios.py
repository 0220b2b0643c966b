"""The rules of the design's section 6, one scenario table each.

The tables are in `scenarios/`; `tests/auxil/scenario.py` says how to read them. After each one the
books must add up and the audit must find nothing.
"""

from pathlib import Path

import pytest

from data.database import Database
from tests.auxil import books
from tests.auxil.offices import HandClock, open_office
from tests.auxil.scenario import Stage, Table, read_tables

TABLES = [
    pytest.param(table, id=f"{file.stem}: {table.name}")
    for file in sorted((Path(__file__).parent / "scenarios").glob("*.txt"))
    for table in read_tables(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("table", TABLES)
async def test_rule(table: Table, database: Database, clock: HandClock) -> None:
    async with open_office(database, clock) as office:
        await Stage(office, clock).play(table)
    books.check(database)
