"""The data room: the only one that knows SQL, and the one that reads catalogue files.

`sqlite.py` is the store; its statements are the files under `sql/`. Start at `SqliteStore`.
"""
