"""Gateways behind `core.ports.Gateway`: they take payments, the office decides what follows."""
