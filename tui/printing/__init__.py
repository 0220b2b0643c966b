"""Slips of paper: what they say, and the printers they come out of."""
