"""Figures for Prometheus: what hooks received, how outbox and payments stand."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is looked up when it is asked for; labels in the order of `Figures`."""

    name: str
    labels: tuple[str, ...]
    value: float


LookUp = Callable[[], Awaitable[Iterable[Figure]]]
_GAUGES = {
    "outbox_effects": ("Effects in the outbox.", ("kind", "state")),
    "outbox_oldest_seconds": ("Age of the first effect that waits.", ("kind",)),
    "payments_open": ("Payments whose money may still come.", ("gateway",)),
}


class Figures:
    """The figures of one process, in a registry of its own."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up
        self._registry = CollectorRegistry(auto_describe=True)
        self._hooks = Counter(
            "bilheteria_hooks",
            "Webhook requests by what became of them; forged ones are refused.",
            ("hook", "verdict"),
            registry=self._registry,
        )
        self._gauges = {
            name: Gauge(f"bilheteria_{name}", told, labels, registry=self._registry)
            for name, (told, labels) in _GAUGES.items()
        }

    def heard(self, hook: str, verdict: str) -> None:
        """Count what a hook received."""
        self._hooks.labels(hook, verdict).inc()

    async def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        looked = list(await self._look_up())
        for gauge in self._gauges.values():
            gauge.clear()
        for figure in looked:
            self._gauges[figure.name].labels(*figure.labels).set(figure.value)
        return generate_latest(self._registry)
