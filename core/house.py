"""The house's own book: customers, clerks and the catalogue.

The house's chain proves these rows without holding what a person may ask to have erased: a
customer's entry has only a salted digest, and the salt goes with the erasure.
"""

from dataclasses import dataclass, field
from hashlib import sha256

from core import limits
from core.catalogue import ShowDraft, check
from core.ledger import START, Cell, Cells, encode
from core.messages import REACHED_BY
from core.outcomes import (
    Done,
    Malformed,
    Preferred,
    Published,
    Registered,
    Taken,
    UnknownCustomer,
)
from core.plain import as_plain
from core.ports import Ids, Snapshot
from core.requests import Erase, Prefer, Publish, Register, SetClerk
from core.sale import Book, Changes, Status, chain
from core.search import normalise, words

ROLES = ("clerk", "manager", "door", "disabled")
LANGUAGES = ("pt-BR", "en")


def digest(salt: str, *cells: Cell) -> str:
    """Return the digest by which a row is proved without being shown."""
    return sha256(encode([salt, *cells]).encode()).hexdigest()


@dataclass(slots=True)
class Known:
    """A customer, as the requests of a batch need it."""

    language: str
    channels: str
    """Those chosen, the best first, parted by spaces; '' if none were."""
    salt: str
    """'' once erased."""
    contacts: set[str]
    """The kinds of contact that there are."""


@dataclass(slots=True)
class House:
    """The house's working set while a batch is decided."""

    book: Book
    snapshot: Snapshot
    now_ms: int
    ids: Ids
    changes: Changes = field(default_factory=Changes)

    def record(self, kind: str, actor: str, **facts: object) -> None:
        """Append to the house's chain."""
        chain(self.book, self.changes, self.now_ms, kind, None, actor, facts)

    def collect(self) -> Changes:
        """Return what is to be written."""
        if self.changes.ledger:
            self.changes.books.append(self.book.cells())
        return self.changes


def new_book(show_id: int, wake_ms: int | None = None) -> Book:
    """Return the empty book of a show that was just published."""
    return Book(
        show_id=show_id,
        status=Status.PUBLISHED,
        next_number=1,
        lobby=0,
        waiting=0,
        opened=0,
        paying=0,
        valid=0,
        to_draw=0,
        drawn=0,
        list_digest="",
        seed="",
        change="",
        told_id="",
        calls_clear_ms=0,
        told_place=0,
        wake_ms=wake_ms,
        last_ms=0,
        ledger_seq=0,
        ledger_head=START,
    )


def register(house: House, request: Register) -> Registered | Malformed:
    """Find the customer by the first known of its contacts, or make it known."""
    refused = _bad_registration(request)
    if refused is not None:
        return refused
    known = house.snapshot.contacts
    for contact in request.contacts:
        if contact in known:
            return Registered(known[contact])
    if request.customer_id in house.snapshot.known:
        return Registered(request.customer_id)
    salt, seq = house.ids.new(), house.book.ledger_seq + 1
    person: Cells = [request.customer_id, request.name]
    row: Cells = [*person, request.language, "", salt, house.now_ms, seq, normalise(request.name)]
    house.changes.customers.append(row)
    contacts: list[Cells] = []
    for rank, (channel, address) in enumerate(request.contacts):
        contacts.append([channel, address, request.customer_id, rank])
        known[channel, address] = request.customer_id
    kinds = {channel for channel, _ in request.contacts}
    house.snapshot.known[request.customer_id] = Known(request.language, "", salt, kinds)
    house.changes.contacts.extend(contacts)
    proofs = {
        "digest": digest(salt, *person, encode(contacts)),
        "prefers": digest(salt, request.language, ""),
    }
    house.record("registered", request.actor, customer=request.customer_id, **proofs)
    return Registered(request.customer_id)


def prefer(house: House, request: Prefer) -> Preferred | UnknownCustomer | Malformed:
    """Change how a customer is written to; to ask for what is so already writes nothing."""
    known = house.snapshot.known.get(request.customer_id)
    if known is None or not known.salt:
        return UnknownCustomer(request.customer_id)
    if request.language not in {None, *LANGUAGES}:
        return Malformed("language", "give one of " + ", ".join(LANGUAGES))
    if request.channels and known.contacts.isdisjoint(request.channels):
        there = ", ".join(sorted(known.contacts & set(REACHED_BY))) or "none"
        return Malformed("channels", f"choose one that the customer has: {there}")
    language = request.language or known.language
    channels = known.channels if request.channels is None else " ".join(request.channels)
    if (language, channels) != (known.language, known.channels):
        known.language, known.channels = language, channels
        house.changes.preferred.append([request.customer_id, language, channels])
        proof = digest(known.salt, language, channels)
        house.record("preferred", request.actor, customer=request.customer_id, prefers=proof)
    return Preferred(request.customer_id, language, tuple(channels.split()))


def _bad_registration(request: Register) -> Malformed | None:
    if not request.customer_id:
        return Malformed("customer_id", "name the customer")
    if len(request.name) > limits.NAME_LENGTH:
        return Malformed("name", f"give at most {limits.NAME_LENGTH} characters")
    if request.language not in LANGUAGES:
        return Malformed("language", "give one of " + ", ".join(LANGUAGES))
    return None


def erase(house: House, request: Erase) -> Done | UnknownCustomer:
    """Erase the name, the contacts and the salt that could tie the ledger to them."""
    if request.customer_id not in house.snapshot.known:
        return UnknownCustomer(request.customer_id)
    known, changes = house.snapshot.contacts, house.changes
    for contact in [one for one, who in known.items() if who == request.customer_id]:
        del known[contact]  # Whoever registers it after this is somebody new.
    house.snapshot.known[request.customer_id].salt = ""
    changes.contacts = [row for row in changes.contacts if row[2] != request.customer_id]
    changes.erased.append([request.customer_id, house.now_ms])
    house.record("erased", request.actor, customer=request.customer_id)
    return Done()


def set_clerk(house: House, request: SetClerk) -> Done | Taken | Malformed:
    """Add or change a clerk."""
    clerks = house.snapshot.clerks
    known = clerks.get(request.name)
    if request.add and known is not None:
        return Taken(request.name)
    if not request.add and known is None:
        return Malformed("name", "no clerk has this name; add the clerk first")
    if not 0 < len(request.name) <= limits.NAME_LENGTH or not request.name.isprintable():
        return Malformed("name", f"give 1 to {limits.NAME_LENGTH} printable characters")
    role = request.role or (known[1] if known else None)
    password_hash = request.password_hash or (known[2] if known else None)
    if role not in ROLES:
        return Malformed("role", "give one of " + ", ".join(ROLES))
    if not password_hash:
        return Malformed("password", "a new clerk needs a password")
    row: Cells = [request.name, role, password_hash]
    clerks[request.name] = row
    house.changes.clerks.append(row)
    house.record("clerk_set", request.actor, clerk=request.name, role=role, digest=digest("", *row))
    return Done()


def publish(house: House, request: Publish) -> Published | Malformed | Taken:
    """Put shows on the catalogue, all or none. One that is there already, identical, stays."""
    given: dict[str, str] = {}
    for draft in request.drafts:
        for problem in check(draft):
            return Malformed(f"{draft.slug}: {problem.where}", f"{problem.what}: {problem.advice}")
        plain = encode(as_plain(draft))
        _, known = house.snapshot.slugs.get(draft.slug, (0, given.setdefault(draft.slug, plain)))
        if known != plain:
            return Taken(draft.slug)
        if draft.slug not in request.seed_digests:
            return Malformed("seed_digests", f"commit to a seed for {draft.slug}")
    unchanged = tuple(d.slug for d in request.drafts if d.slug in house.snapshot.slugs)
    new = list({d.slug: d for d in request.drafts if d.slug not in unchanged}.values())
    for draft in new:
        _put_on(house, draft, request.seed_digests[draft.slug], request.actor)
    show_ids = {d.slug: house.snapshot.slugs[d.slug][0] for d in request.drafts}
    if new:
        house.record("published", request.actor, shows=[show_ids[d.slug] for d in new])
    return Published(show_ids, unchanged)


def _put_on(house: House, draft: ShowDraft, seed_digest: str, actor: str) -> None:
    snapshot, changes = house.snapshot, house.changes
    snapshot.last_show_id += 1
    show_id = snapshot.last_show_id
    show = show_row(house, show_id, draft, seed_digest)
    changes.shows.append(show)
    _put_stock(changes, show_id, draft)
    book = new_book(show_id, draft.terms.sale_opens_ms)
    facts: dict[str, object] = {"show": show[9], "seed_digest": seed_digest, "row": show}
    chain(book, changes, house.now_ms, "published", None, actor, facts)
    changes.books.append(book.cells())


def show_row(house: House, show_id: int, draft: ShowDraft, seed_digest: str) -> Cells:
    """Return the row of a show, its venue and series put down if they are new."""
    snapshot, changes, venue = house.snapshot, house.changes, draft.venue
    where = (venue.name, venue.city, venue.address, venue.region, venue.country, venue.time_zone)
    venue_id = snapshot.venues.get(where)
    if venue_id is None:
        venue_id = snapshot.venues[where] = max(snapshot.venues.values(), default=0) + 1
        changes.venues.append([venue_id, *where])
    series_id = None
    if draft.series is not None:
        series = (draft.series.slug, draft.series.title)
        series_id = snapshot.series.get(series)
        if series_id is None:
            series_id = snapshot.series[series] = max(snapshot.series.values(), default=0) + 1
            changes.series.append([series_id, *series])
    plain = as_plain(draft)
    text = encode(plain)
    snapshot.slugs[draft.slug] = (show_id, text)
    terms = encode(plain["terms"])
    show: Cells = [show_id, draft.slug, draft.title, venue_id, series_id, draft.starts_ms]
    return [*show, draft.currency, seed_digest, terms, text, words(draft)]


def _put_stock(changes: Changes, show_id: int, draft: ShowDraft) -> None:
    quotas = {quota.name: no for no, quota in enumerate(draft.quotas, 1)}
    for no, quota in enumerate(draft.quotas, 1):
        changes.new_quotas.append([show_id, no, quota.name, quota.capacity])
    fare_no = 0
    for tier_no, tier in enumerate(draft.tiers, 1):
        changes.new_tiers.append([show_id, tier_no, tier.name, tier.capacity, 0])
        for fare in tier.fares:
            fare_no += 1
            what: Cells = [show_id, fare_no, tier_no, fare.name, fare.price_minor, fare.fee_minor]
            quota_no = quotas[fare.quota] if fare.quota else None
            changes.fares.append([*what, quota_no, int(fare.proof), int(fare.document), 0])
        for allotment in tier.allotments:
            what = [show_id, tier_no, allotment.channel, allotment.quantity]
            changes.new_allotments.append([*what, allotment.release_ms])
