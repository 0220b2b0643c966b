"""The composition root: settings, wiring, the scheduler and the command line.

The only room that may import several rooms. Start at `wiring.open_office`.
"""
