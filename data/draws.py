"""Reads what a draw published, for anyone to check it."""

from data.database import Database


def drawn_ids(database: Database, show_id: int) -> list[str]:
    """Return the purchase ids of a show's frozen lobby in the order of their numbers."""
    with database.reading() as select:
        return [purchase_id for (purchase_id,) in select("drawn_ids", show_id=show_id)]
