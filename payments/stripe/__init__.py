"""Stripe: cards by Checkout, authorised first; Pix by payment intents.

`gateway.py` is the `core.ports.Gateway`, `calls.py` the way to Stripe, `reading.py` what its
objects mean, `events.py` what its webhook says. The library itself takes half a second to import:
only `calls.py` and `events.py` do, when they are first used.
"""
