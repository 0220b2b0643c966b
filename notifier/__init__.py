"""Carries out message effects: calls, receipts and tickets that arrive."""
