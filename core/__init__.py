"""The rules of the box office: pure, standard library only, no I/O and no clock of its own.

Start at `box_office.py` (the one door); `decide.py` shows how a batch of requests becomes changes.
"""
