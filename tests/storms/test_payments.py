"""The storm of payments, small: all faults at once, processes killed, the money right at last."""

from pathlib import Path

from benchmarks.payment_storm import Storm
from data.database import Database
from tests.auxil import books
from tests.auxil.places import address


async def test_the_money_is_right_after_the_storm(database: Database, tmp_path: Path) -> None:
    outcome = await Storm(tmp_path, 24, seed=7, database=address(database)).run(kill_each=8)
    assert outcome.clean, outcome
    assert outcome.sold > 10
    assert outcome.faults > 20
    assert outcome.kills > 0
    books.check(database)
