"""Shows to put on sale: `show(tier("pista", 10, fare("inteira", 100, 10)))`."""

from typing import Any

from core.catalogue import Allotment, Fare, Quota, ShowDraft, Tier, Venue
from core.terms import DAY_MS, Terms

T0_MS = 1_900_000_000_000
"""When every test begins: 2030-03-17T17:46:40Z."""
CPF = "529.982.247-25"
"""Its check digits are right."""

VENUE = Venue(
    name="Circo Voador",
    address="Rua dos Arcos, s/n",
    city="Rio de Janeiro",
    region="RJ",
    country="BR",
    time_zone="America/Sao_Paulo",
)


def fare(
    name: str,
    price_minor: int = 100,
    fee_minor: int = 10,
    *,
    quota: str | None = None,
    proof: bool = False,
    document: bool = False,
) -> Fare:
    return Fare(
        name=name,
        price_minor=price_minor,
        fee_minor=fee_minor,
        quota=quota,
        proof=proof,
        document=document,
    )


def tier(name: str, capacity: int, *fares: Fare, window: int = 0, release_ms: int = 0) -> Tier:
    """A tier; without fares it has one, 'inteira'. `window`: its allotment for the window."""
    kept = Allotment(
        channel="window", quantity=window, release_ms=release_ms or T0_MS + 20 * DAY_MS
    )
    return Tier(
        name=name,
        capacity=capacity,
        fares=fares or (fare("inteira"),),
        allotments=(kept,) if window else (),
    )


def show(
    *tiers: Tier,
    slug: str = "show",
    quotas: dict[str, int] | None = None,
    **terms: Any,  # noqa: ANN401 - whatever `Terms` takes
) -> ShowDraft:
    """A show on sale from the first moment, with these terms."""
    window: dict[str, Any] = {"sale_opens_ms": T0_MS, "sale_closes_ms": T0_MS + 29 * DAY_MS}
    return ShowDraft(
        slug=slug,
        title=f"Show {slug}",
        description="",
        language="pt-BR",
        series=None,
        venue=VENUE,
        starts_ms=T0_MS + 30 * DAY_MS,
        doors_ms=None,
        currency="BRL",
        tiers=tiers or (tier("pista", 2),),
        quotas=tuple(Quota(name=name, capacity=n) for name, n in (quotas or {}).items()),
        terms=Terms(**(window | terms)),
    )
