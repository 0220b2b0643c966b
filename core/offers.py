"""How one may pay: what faces show as buttons before a payment begins.

A gateway says what it offers a channel; the show's terms or the house's own choice say which
gateway it is. At the window the counter's own ways (cash, card terminal) come first, always.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.ports import Gateway
    from core.views import ShowView


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One way to pay. A face asks for it by `CheckOut(gateway=, method=, outside=)`."""

    gateway: str
    method: str
    """'cash', 'card', 'pix' or 'invoice'; a gateway may bring others."""
    outside: int
    moves_money: bool = True
    """False: for trying out. Every screen and receipt must say that no money moves."""


class Offers:
    """The ways to pay of one process. `default` names the gateway of shows that name none; '' is
    every gateway that is set up.
    """

    def __init__(self, gateways: "Mapping[str, Gateway]", default: str = "") -> None:
        self._gateways = gateways
        self._default = default

    def of(self, gateway: str | None, channel: str, currency: str) -> tuple[Offer, ...]:
        """Return the offers for a show whose terms name this gateway (None: the house's)."""
        chosen = gateway or self._default
        return tuple(
            offer
            for name, one in self._gateways.items()
            if not one.outside or not chosen or name == chosen
            for offer in one.offers(channel, currency)
        )

    def of_show(self, show: "ShowView", channel: str) -> tuple[Offer, ...]:
        """Return the offers for a show."""
        gateway: str | None = json.loads(show.plain)["terms"]["gateway"]
        return self.of(gateway, channel, show.card.currency)

    def moves_money(self, gateway: str) -> bool:
        """Whether a payment through this gateway is real; one not set up here is taken for real."""
        one = self._gateways.get(gateway)
        return one is None or one.moves_money
