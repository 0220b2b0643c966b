"""The storm of payments, small: all faults at once, processes killed, the money right at last."""

from pathlib import Path

from benchmarks.payment_storm import Storm
from tests.auxil import books


async def test_the_money_is_right_after_the_storm(tmp_path: Path) -> None:
    outcome = await Storm(tmp_path, purchases=24, seed=7).run(kill_each=8)
    assert outcome.clean, outcome
    assert outcome.sold > 10
    assert outcome.faults > 20
    assert outcome.kills > 0
    books.check(tmp_path / "storm.db")
