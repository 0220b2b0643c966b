"""Fairness to slow connections: the same crowd at the office and at a site without a line.

10,000 fans want one of 2,000 tickets, half of them on 50 ms links, half on 3 s links that lose a
fifth of their requests and answers and now and then everything for 30 s. Time is virtual, office
and store are real, chance is seeded: 20 seeds of a sale with a lobby and 20 of one without, and the
same crowd where whoever retries first is served (`app.demo` holds all three).
"""

from pathlib import Path
from statistics import mean

from app.demo.fairness import LOBBY, OPEN_LINE, Fairness, at_the_office
from app.demo.scramble import VARIANT, at_the_site
from benchmarks.ground import Room, drop
from benchmarks.loops import run
from benchmarks.results import Figure, Result
from benchmarks.running import Options, say

SIZE = 10_000
SEEDS = 20
_FANS_PER_TICKET = 5


def measure(place: Room, options: Options) -> Result:
    """Run every variant with every seed; a smaller size takes fewer seeds too."""
    size = options.size or SIZE
    seeds = SEEDS if size >= SIZE else 2
    by_variant = {
        variant: [_one(place.file("fair"), variant, seed, size) for seed in range(seeds)]
        for variant in (LOBBY, OPEN_LINE, VARIANT)
    }
    ours = by_variant[LOBBY] + by_variant[OPEN_LINE]
    points = {
        variant: mean(one.slow_minus_fast_points for one in runs)
        for variant, runs in by_variant.items()
    }
    widest = max((LOBBY, OPEN_LINE), key=lambda variant: abs(points[variant]))
    contrast = f"{VARIANT}: "
    return Result(
        name="fairness",
        work=f"{size:,} fans, {size // _FANS_PER_TICKET:,} tickets, {seeds} seeds, "
        f"{LOBBY} and {OPEN_LINE}",
        figures=(
            Figure(
                field="slow_minus_fast_points",
                what=f"slow less fast, in points ({widest})",
                value=points[widest],
                least=-2,
                most=2,
                floor=contrast + f"{points[VARIANT]:+.1f}",
            ),
            Figure(
                field="inversions",
                what="inversions",
                value=sum(one.inversions for one in ours),
                most=0,
                floor=contrast + f"{sum(one.inversions for one in by_variant[VARIANT]):,}",
            ),
            Figure(
                field="places_lost",
                what="places lost to the connection",
                value=sum(one.places_lost for one in ours),
                most=0,
                floor=contrast + f"{sum(one.places_lost for one in by_variant[VARIANT]):,}",
            ),
            Figure(
                field="oversold", what="oversold", value=sum(one.oversold for one in ours), most=0
            ),
        ),
        notes=tuple(_note(variant, runs) for variant, runs in by_variant.items()),
    )


def _one(path: Path, variant: str, seed: int, fans: int) -> Fairness:
    tickets = fans // _FANS_PER_TICKET
    if variant == VARIANT:
        found = run(at_the_site(seed=seed, fans=fans, tickets=tickets))
    else:
        found = run(at_the_office(path, variant=variant, seed=seed, fans=fans, tickets=tickets))
        drop(path)
    say(
        f"{variant}, seed {seed}: slow {found.slow_success:.1f} %, fast {found.fast_success:.1f} %,"
        f" {found.inversions} inversions, {found.places_lost} places lost"
    )
    return found


def _note(variant: str, runs: list[Fairness]) -> str:
    points = [one.slow_minus_fast_points for one in runs]
    return (
        f"{variant}: slow {mean(one.slow_success for one in runs):.1f} %, "
        f"fast {mean(one.fast_success for one in runs):.1f} %; by seed {min(points):+.1f} to "
        f"{max(points):+.1f} points; {sum(one.requests for one in runs) // len(runs):,} requests, "
        f"{sum(one.repeated for one in runs) // len(runs):,} of them repeated"
    )
