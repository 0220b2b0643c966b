-- The schema on PostgreSQL: what the migrations add up to, and the twin of the one on SQLite (both
-- held by tests/data/test_migrations.py). Texts compare by code point, as SQLite and the rules
-- compare them, whatever the database's own collation. Rows that change with every batch leave room
-- in their pages for their next versions.
-- Integers and texts only. Rows of a sale are keyed by show first, so that a show's rows lie
-- together. Every invariant that SQL can say is a constraint here as well as an assertion in core.

create table books (
    show_id bigint not null primary key,
    status text collate "C" not null check (
        (status = 'house' or status = 'published' or status = 'drawing' or status = 'open' or
        status = 'paused' or status = 'closed' or status = 'cancelled')
    ),
    next_number bigint not null check (next_number > 0),
    lobby bigint not null check (lobby >= 0),
    waiting bigint not null check (waiting >= 0),
    opened bigint not null check (opened >= 0),
    paying bigint not null check (paying >= 0),
    valid bigint not null check (valid >= 0),
    to_draw bigint not null check (to_draw >= 0),
    drawn bigint not null check (drawn between 0 and to_draw),
    list_digest text collate "C" not null,
    seed text collate "C" not null,
    change text collate "C" not null,
    told_id text collate "C" not null,
    calls_clear_ms bigint not null,
    told_place bigint not null,
    wake_ms bigint,
    last_ms bigint not null,
    ledger_seq bigint not null check (ledger_seq >= 0),
    ledger_head text collate "C" not null
) with (fillfactor = 50);
create index books_due on books (wake_ms) where wake_ms is not null;

create table venues (
    venue_id bigint not null primary key,
    name text collate "C" not null,
    city text collate "C" not null,
    address text collate "C" not null,
    region text collate "C" not null,
    country text collate "C" not null,
    time_zone text collate "C" not null,
    unique (name, city, address, region, country, time_zone)
);

create table series (
    series_id bigint not null primary key,
    slug text collate "C" not null,
    title text collate "C" not null,
    unique (slug, title)
);

create table shows (
    show_id bigint not null primary key references books (show_id),
    slug text collate "C" not null unique,
    title text collate "C" not null,
    venue_id bigint not null references venues (venue_id),
    series_id bigint references series (series_id),
    starts_ms bigint not null,
    currency text collate "C" not null,
    seed_digest text collate "C" not null,
    terms text collate "C" not null,
    plain text collate "C" not null,
    words text collate "C" not null
);
create index shows_by_time on shows (starts_ms);

create table tiers (
    show_id bigint not null references books (show_id),
    tier_no bigint not null,
    name text collate "C" not null,
    capacity bigint not null check (capacity > 0),
    held bigint not null default 0 check (held >= 0),
    sold bigint not null default 0 check (sold >= 0),
    closed bigint not null default 0 check (closed in (0, 1)),
    primary key (show_id, tier_no),
    check (held + sold <= capacity)
) with (fillfactor = 50);

create table quotas (
    show_id bigint not null references books (show_id),
    quota_no bigint not null,
    name text collate "C" not null,
    capacity bigint not null,
    used bigint not null default 0 check (used between 0 and capacity),
    primary key (show_id, quota_no)
) with (fillfactor = 50);

create table fares (
    show_id bigint not null,
    fare_no bigint not null,
    tier_no bigint not null,
    name text collate "C" not null,
    price_minor bigint not null check (price_minor >= 0),
    fee_minor bigint not null check (fee_minor >= 0),
    quota_no bigint,
    proof bigint not null check (proof in (0, 1)),
    document bigint not null check (document in (0, 1)),
    closed bigint not null check (closed in (0, 1)),
    primary key (show_id, fare_no),
    foreign key (show_id, tier_no) references tiers (show_id, tier_no),
    foreign key (show_id, quota_no) references quotas (show_id, quota_no)
);

create table allotments (
    show_id bigint not null,
    tier_no bigint not null,
    channel text collate "C" not null,
    quantity bigint not null,
    taken bigint not null default 0 check (taken between 0 and quantity),
    release_ms bigint not null,
    released bigint not null default 0 check (released in (0, 1)),
    primary key (show_id, tier_no, channel),
    foreign key (show_id, tier_no) references tiers (show_id, tier_no)
) with (fillfactor = 50);

-- People called, or choosing with nothing held, by the pool that their one ticket is promised from.
create table promises (
    show_id bigint not null references books (show_id),
    pool text collate "C" not null,
    promised bigint not null check (promised >= 0),
    primary key (show_id, pool)
) with (fillfactor = 50);

-- How many wait in each stretch of the line: a position is a short sum, not a long count.
create table blocks (
    show_id bigint not null references books (show_id),
    block bigint not null,
    waiting bigint not null check (waiting >= 0),
    primary key (show_id, block)
) with (fillfactor = 50);

create table customers (
    customer_id text collate "C" not null primary key,
    name text collate "C" not null,
    language text collate "C" not null,
    channels text collate "C" not null,
    salt text collate "C" not null,
    created_ms bigint not null,
    erased_ms bigint,
    ledger_seq bigint not null,
    words text collate "C" not null
);

create table contacts (
    channel text collate "C" not null,
    address text collate "C" not null,
    customer_id text collate "C" not null references customers (customer_id),
    rank bigint not null,
    primary key (channel, address)
);
create index contacts_of on contacts (customer_id, rank);

create table clerks (
    name text collate "C" not null primary key,
    role text collate "C" not null check (
        (role = 'clerk' or role = 'manager' or role = 'door' or role = 'disabled')
    ),
    password_hash text collate "C" not null
);

-- A clerk's time at a drawer. `counted` and `totals` are JSON, '' until it is closed.
create table shifts (
    shift_id text collate "C" not null primary key,
    clerk text collate "C" not null references clerks (name),
    currency text collate "C" not null,
    number bigint not null unique,
    opened_ms bigint not null,
    float_minor bigint not null check (float_minor >= 0),
    closed_ms bigint,
    expected_minor bigint,
    counted_minor bigint check (counted_minor >= 0),
    counted text collate "C" not null,
    totals text collate "C" not null,
    check ((closed_ms is null) = (counted_minor is null)),
    check ((closed_ms is null) = (expected_minor is null))
);
-- One open drawer a clerk.
create unique index shifts_open on shifts (clerk) where closed_ms is null;

-- Cash put into a drawer or taken out of it (less than 0), besides sales and refunds.
create table shift_moves (
    shift_id text collate "C" not null references shifts (shift_id),
    move_id text collate "C" not null,
    amount_minor bigint not null check (amount_minor <> 0),
    reason text collate "C" not null,
    at_ms bigint not null,
    primary key (shift_id, move_id)
);

create table purchases (
    show_id bigint not null references books (show_id),
    purchase_id text collate "C" not null,
    customer_id text collate "C" not null references customers (customer_id),
    channel text collate "C" not null,
    state text collate "C" not null check (
        (state = 'in_lobby' or state = 'in_line' or state = 'called' or state = 'choosing' or
        state = 'paying' or state = 'completed' or state = 'left' or state = 'lapsed' or state =
        'closed')
    ),
    number bigint,
    place bigint,
    pool text collate "C" not null,
    basket text collate "C" not null,
    tickets bigint not null check (tickets >= 0),
    deadline_ms bigint,
    session_ms bigint,
    chances bigint not null check (chances in (0, 1)),
    told_ahead bigint,
    drawn bigint not null check (drawn in (0, 1)),
    payment_id text collate "C",
    ending text collate "C" not null,
    joined_ms bigint not null,
    called_ms bigint,
    ended_ms bigint,
    last_seq bigint not null,
    primary key (show_id, purchase_id),
    check ((state = 'in_lobby' or state = 'left' or state = 'closed') or number is not null),
    check (state <> 'in_line' or place is not null),
    check (
        ((state = 'in_lobby' or state = 'in_line' or state = 'called' or state = 'choosing' or
        state = 'paying')) = (ended_ms is null)
    )
);
-- One live purchase per customer and show.
create unique index purchases_live on purchases (customer_id, show_id)
where ended_ms is null;
create index purchases_bought on purchases (customer_id, show_id, tickets)
where state = 'completed';
-- Numbers are never reused.
create unique index purchases_number on purchases (show_id, number) where number is not null;
create index purchases_line on purchases (show_id, place, number) where state = 'in_line';
create index purchases_due on purchases (deadline_ms) where deadline_ms is not null;

create table documents (
    show_id bigint not null,
    purchase_id text collate "C" not null,
    document text collate "C" not null,
    primary key (show_id, purchase_id),
    foreign key (show_id, purchase_id) references purchases (show_id, purchase_id)
);

create index documents_by_number on documents (document);

create table orders (
    show_id bigint not null,
    purchase_id text collate "C" not null,
    order_no bigint not null,
    lines text collate "C" not null,
    price_minor bigint not null check (price_minor >= 0),
    fee_minor bigint not null check (fee_minor >= 0),
    currency text collate "C" not null,
    state text collate "C" not null check (
        (state = 'frozen' or state = 'fixed' or state = 'paid' or state = 'void')
    ),
    placed_ms bigint not null,
    refunded_minor bigint not null check (refunded_minor between 0 and price_minor + fee_minor),
    primary key (show_id, purchase_id),
    foreign key (show_id, purchase_id) references purchases (show_id, purchase_id)
);
create index orders_placed on orders (placed_ms);

create table payments (
    show_id bigint not null,
    payment_id text collate "C" not null,
    purchase_id text collate "C" not null,
    gateway text collate "C" not null,
    method text collate "C" not null,
    outside bigint not null check (outside in (0, 1)),
    state text collate "C" not null check (
        (state = 'created' or state = 'pending' or state = 'authorised' or state = 'captured' or
        state = 'cancelled' or state = 'failed' or state = 'refunded')
    ),
    amount_minor bigint not null check (amount_minor >= 0),
    currency text collate "C" not null,
    reference text collate "C" not null,
    captured_minor bigint not null check (captured_minor >= 0),
    refunded_minor bigint not null check (refunded_minor between 0 and captured_minor),
    created_ms bigint not null,
    changed_ms bigint not null,
    until_ms bigint not null,
    action text collate "C" not null,
    shift_id text collate "C" not null,
    primary key (show_id, purchase_id, payment_id),
    unique (show_id, payment_id),
    foreign key (show_id, purchase_id) references orders (show_id, purchase_id)
);
create index payments_shift on payments (shift_id) where shift_id <> '';

-- What gateways reported, each event once.
create table events (
    gateway text collate "C" not null,
    event_id text collate "C" not null,
    payment_id text collate "C" not null,
    show_id bigint not null,
    at_ms bigint not null,
    primary key (show_id, gateway, event_id)
);

create table refunds (
    show_id bigint not null,
    refund_id text collate "C" not null,
    purchase_id text collate "C" not null,
    payment_id text collate "C" not null,
    amount_minor bigint not null check (amount_minor >= 0),
    ticket_nos text collate "C" not null,
    reason text collate "C" not null,
    state text collate "C" not null
        check ((state = 'pending' or state = 'done' or state = 'failed')),
    reference text collate "C" not null,
    created_ms bigint not null,
    shift_id text collate "C" not null,
    tries bigint not null check (tries >= 1),
    primary key (show_id, refund_id),
    foreign key (show_id, payment_id) references payments (show_id, payment_id)
);
create index refunds_of on refunds (purchase_id);
create index refunds_shift on refunds (shift_id) where shift_id <> '';

-- Refunds that no provider made: somebody must see to each.
create index refunds_failed on refunds (created_ms) where state = 'failed';

-- Payments whose money may still come.
create index payments_open on payments (created_ms)
where state = 'created' or state = 'pending' or state = 'authorised';

create table tickets (
    show_id bigint not null,
    order_no bigint not null,
    ticket_no bigint not null,
    purchase_id text collate "C" not null,
    fare_no bigint not null,
    price_minor bigint not null,
    fee_minor bigint not null,
    state text collate "C" not null check (state in ('valid', 'refunded')),
    used_ms bigint,
    used_where text collate "C" not null,
    primary key (show_id, order_no, ticket_no),
    foreign key (show_id, purchase_id) references orders (show_id, purchase_id),
    foreign key (show_id, fare_no) references fares (show_id, fare_no)
);

create table ledger (
    show_id bigint not null references books (show_id),
    seq bigint not null,
    at_ms bigint not null,
    kind text collate "C" not null,
    purchase_id text collate "C",
    actor text collate "C" not null,
    data text collate "C" not null,
    hash text collate "C" not null,
    primary key (show_id, seq)
);
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger ledger_is_kept before update or delete or truncate on ledger
execute function ledger_is_append_only();

-- The outbox: what is to be done outside, written with its cause.
create table effects (
    show_id bigint not null,
    ledger_seq bigint not null,
    item bigint not null,
    lane bigint not null,
    kind text collate "C" not null,
    customer_id text collate "C",
    purchase_id text collate "C",
    data text collate "C" not null,
    state text collate "C" not null
        check ((state = 'waiting' or state = 'done' or state = 'dead')),
    due_ms bigint not null,
    attempts bigint not null,
    leased_by text collate "C" not null default '',
    error text collate "C" not null default '',
    ended_ms bigint,
    ended_seq bigint,
    primary key (show_id, ledger_seq, item),
    foreign key (show_id, ledger_seq) references ledger (show_id, seq)
);
create index effects_due on effects (lane, due_ms) where state = 'waiting';
create index effects_dead on effects (ended_ms) where state = 'dead';

-- How messages were handed to channels, part by part, and what came of it.
create table attempts (
    show_id bigint not null,
    ledger_seq bigint not null,
    item bigint not null,
    try_no bigint not null,
    channel text collate "C" not null,
    part bigint not null,
    state text collate "C" not null
        check ((state = 'sent' or state = 'failed' or state = 'refused')),
    at_ms bigint not null,
    said text collate "C" not null,
    primary key (show_id, ledger_seq, item, try_no, channel, part),
    foreign key (show_id, ledger_seq, item) references effects (show_id, ledger_seq, item)
);

-- When the next turn to send by each channel is due: all processes keep one pace.
create table paces (
    channel text collate "C" not null primary key,
    next_ms bigint not null
);

insert into books
values (
    0, 'house', 1, 0, 0, 0, 0, 0, 0, 0, '', '', '', '', 0, 0, null, 0, 0,
    '0000000000000000000000000000000000000000000000000000000000000000'
);
