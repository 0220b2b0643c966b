"""`python -m benchmarks profile NAME`: the top costs of a measure's own work, floors left out."""

from benchmarks import alone, joins, purchases
from benchmarks.ground import Room
from benchmarks.loops import run
from benchmarks.running import Options
from benchmarks.sampling import Sampler

PROFILES = ("purchases", "joins", "alone")
_SIZES = {"purchases": 10_000, "joins": 50_000, "alone": 3_000}


def profile(name: str, place: Room, options: Options) -> str:
    """Do the work of a measure under the sampler and return its report."""
    size = options.size or _SIZES[name]
    sampler = Sampler()
    match name:
        case "joins":
            path, people = run(joins.prepare(place, size))
            with sampler.sampling():
                run(joins.join(path, people))
        case "alone":
            path, people = run(alone.prepare(place, size))
            with sampler.sampling():
                run(alone.sell(path, people))
        case _:
            path, people = run(purchases.prepare(place, size))
            with sampler.sampling():
                run(purchases.sell(path, people))
    return sampler.report(size, "join" if name == "joins" else "purchase")
