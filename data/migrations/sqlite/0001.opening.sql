-- The schema on SQLite: what the migrations add up to (held by tests/data/test_migrations.py).
-- Integers and texts only. Rows of a sale are keyed by show first, so that a show's rows lie
-- together. Every invariant that SQL can say is a constraint here as well as an assertion in core.

create table books (
    show_id integer not null primary key,
    status text not null check (
        (status = 'house' or status = 'published' or status = 'drawing' or status = 'open' or
        status = 'paused' or status = 'closed' or status = 'cancelled')
    ),
    next_number integer not null check (next_number > 0),
    lobby integer not null check (lobby >= 0),
    waiting integer not null check (waiting >= 0),
    opened integer not null check (opened >= 0),
    paying integer not null check (paying >= 0),
    valid integer not null check (valid >= 0),
    to_draw integer not null check (to_draw >= 0),
    drawn integer not null check (drawn between 0 and to_draw),
    list_digest text not null,
    seed text not null,
    change text not null,
    told_id text not null,
    calls_clear_ms integer not null,
    told_place integer not null,
    wake_ms integer,
    last_ms integer not null,
    ledger_seq integer not null check (ledger_seq >= 0),
    ledger_head text not null
);
create index books_due on books (wake_ms) where wake_ms is not null;

create table venues (
    venue_id integer not null primary key,
    name text not null,
    city text not null,
    address text not null,
    region text not null,
    country text not null,
    time_zone text not null,
    unique (name, city, address, region, country, time_zone)
);

create table series (
    series_id integer not null primary key,
    slug text not null,
    title text not null,
    unique (slug, title)
);

create table shows (
    show_id integer not null primary key references books (show_id),
    slug text not null unique,
    title text not null,
    venue_id integer not null references venues (venue_id),
    series_id integer references series (series_id),
    starts_ms integer not null,
    currency text not null,
    seed_digest text not null,
    terms text not null,
    plain text not null,
    words text not null
);
create index shows_by_time on shows (starts_ms);

create table tiers (
    show_id integer not null references books (show_id),
    tier_no integer not null,
    name text not null,
    capacity integer not null check (capacity > 0),
    held integer not null default 0 check (held >= 0),
    sold integer not null default 0 check (sold >= 0),
    closed integer not null default 0 check (closed in (0, 1)),
    primary key (show_id, tier_no),
    check (held + sold <= capacity)
) without rowid;

create table quotas (
    show_id integer not null references books (show_id),
    quota_no integer not null,
    name text not null,
    capacity integer not null,
    used integer not null default 0 check (used between 0 and capacity),
    primary key (show_id, quota_no)
) without rowid;

create table fares (
    show_id integer not null,
    fare_no integer not null,
    tier_no integer not null,
    name text not null,
    price_minor integer not null check (price_minor >= 0),
    fee_minor integer not null check (fee_minor >= 0),
    quota_no integer,
    proof integer not null check (proof in (0, 1)),
    document integer not null check (document in (0, 1)),
    closed integer not null check (closed in (0, 1)),
    primary key (show_id, fare_no),
    foreign key (show_id, tier_no) references tiers (show_id, tier_no),
    foreign key (show_id, quota_no) references quotas (show_id, quota_no)
) without rowid;

create table allotments (
    show_id integer not null,
    tier_no integer not null,
    channel text not null,
    quantity integer not null,
    taken integer not null default 0 check (taken between 0 and quantity),
    release_ms integer not null,
    released integer not null default 0 check (released in (0, 1)),
    primary key (show_id, tier_no, channel),
    foreign key (show_id, tier_no) references tiers (show_id, tier_no)
) without rowid;

-- People called, or choosing with nothing held, by the pool that their one ticket is promised from.
create table promises (
    show_id integer not null references books (show_id),
    pool text not null,
    promised integer not null check (promised >= 0),
    primary key (show_id, pool)
) without rowid;

-- How many wait in each stretch of the line: a position is a short sum, not a long count.
create table blocks (
    show_id integer not null references books (show_id),
    block integer not null,
    waiting integer not null check (waiting >= 0),
    primary key (show_id, block)
) without rowid;

create table customers (
    customer_id text not null primary key,
    name text not null,
    language text not null,
    channels text not null,
    salt text not null,
    created_ms integer not null,
    erased_ms integer,
    ledger_seq integer not null,
    words text not null
) without rowid;

create table contacts (
    channel text not null,
    address text not null,
    customer_id text not null references customers (customer_id),
    rank integer not null,
    primary key (channel, address)
) without rowid;
create index contacts_of on contacts (customer_id, rank);

create table clerks (
    name text not null primary key,
    role text not null check (
        (role = 'clerk' or role = 'manager' or role = 'door' or role = 'disabled')
    ),
    password_hash text not null
) without rowid;

-- A clerk's time at a drawer. `counted` and `totals` are JSON, '' until it is closed.
create table shifts (
    shift_id text not null primary key,
    clerk text not null references clerks (name),
    currency text not null,
    number integer not null unique,
    opened_ms integer not null,
    float_minor integer not null check (float_minor >= 0),
    closed_ms integer,
    expected_minor integer,
    counted_minor integer check (counted_minor >= 0),
    counted text not null,
    totals text not null,
    check ((closed_ms is null) = (counted_minor is null)),
    check ((closed_ms is null) = (expected_minor is null))
) without rowid;
-- One open drawer a clerk.
create unique index shifts_open on shifts (clerk) where closed_ms is null;

-- Cash put into a drawer or taken out of it (less than 0), besides sales and refunds.
create table shift_moves (
    shift_id text not null references shifts (shift_id),
    move_id text not null,
    amount_minor integer not null check (amount_minor <> 0),
    reason text not null,
    at_ms integer not null,
    primary key (shift_id, move_id)
) without rowid;

create table purchases (
    show_id integer not null references books (show_id),
    purchase_id text not null,
    customer_id text not null references customers (customer_id),
    channel text not null,
    state text not null check (
        (state = 'in_lobby' or state = 'in_line' or state = 'called' or state = 'choosing' or
        state = 'paying' or state = 'completed' or state = 'left' or state = 'lapsed' or state =
        'closed')
    ),
    number integer,
    place integer,
    pool text not null,
    basket text not null,
    tickets integer not null check (tickets >= 0),
    deadline_ms integer,
    session_ms integer,
    chances integer not null check (chances in (0, 1)),
    told_ahead integer,
    drawn integer not null check (drawn in (0, 1)),
    payment_id text,
    ending text not null,
    joined_ms integer not null,
    called_ms integer,
    ended_ms integer,
    last_seq integer not null,
    primary key (show_id, purchase_id),
    check ((state = 'in_lobby' or state = 'left' or state = 'closed') or number is not null),
    check (state <> 'in_line' or place is not null),
    check (
        ((state = 'in_lobby' or state = 'in_line' or state = 'called' or state = 'choosing' or
        state = 'paying')) = (ended_ms is null)
    )
) without rowid;
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
    show_id integer not null,
    purchase_id text not null,
    document text not null,
    primary key (show_id, purchase_id),
    foreign key (show_id, purchase_id) references purchases (show_id, purchase_id)
) without rowid;

create index documents_by_number on documents (document);

create table orders (
    show_id integer not null,
    purchase_id text not null,
    order_no integer not null,
    lines text not null,
    price_minor integer not null check (price_minor >= 0),
    fee_minor integer not null check (fee_minor >= 0),
    currency text not null,
    state text not null check (
        (state = 'frozen' or state = 'fixed' or state = 'paid' or state = 'void')
    ),
    placed_ms integer not null,
    refunded_minor integer not null check (refunded_minor between 0 and price_minor + fee_minor),
    primary key (show_id, purchase_id),
    foreign key (show_id, purchase_id) references purchases (show_id, purchase_id)
) without rowid;
create index orders_placed on orders (placed_ms);

create table payments (
    show_id integer not null,
    payment_id text not null,
    purchase_id text not null,
    gateway text not null,
    method text not null,
    outside integer not null check (outside in (0, 1)),
    state text not null check (
        (state = 'created' or state = 'pending' or state = 'authorised' or state = 'captured' or
        state = 'cancelled' or state = 'failed' or state = 'refunded')
    ),
    amount_minor integer not null check (amount_minor >= 0),
    currency text not null,
    reference text not null,
    captured_minor integer not null check (captured_minor >= 0),
    refunded_minor integer not null check (refunded_minor between 0 and captured_minor),
    created_ms integer not null,
    changed_ms integer not null,
    until_ms integer not null,
    action text not null,
    shift_id text not null,
    primary key (show_id, purchase_id, payment_id),
    unique (show_id, payment_id),
    foreign key (show_id, purchase_id) references orders (show_id, purchase_id)
) without rowid;
create index payments_shift on payments (shift_id) where shift_id <> '';

-- What gateways reported, each event once.
create table events (
    gateway text not null,
    event_id text not null,
    payment_id text not null,
    show_id integer not null,
    at_ms integer not null,
    primary key (show_id, gateway, event_id)
) without rowid;

create table refunds (
    show_id integer not null,
    refund_id text not null,
    purchase_id text not null,
    payment_id text not null,
    amount_minor integer not null check (amount_minor >= 0),
    ticket_nos text not null,
    reason text not null,
    state text not null check ((state = 'pending' or state = 'done' or state = 'failed')),
    reference text not null,
    created_ms integer not null,
    shift_id text not null,
    tries integer not null check (tries >= 1),
    primary key (show_id, refund_id),
    foreign key (show_id, payment_id) references payments (show_id, payment_id)
) without rowid;
create index refunds_of on refunds (purchase_id);
create index refunds_shift on refunds (shift_id) where shift_id <> '';

-- Refunds that no provider made: somebody must see to each.
create index refunds_failed on refunds (created_ms) where state = 'failed';

-- Payments whose money may still come.
create index payments_open on payments (created_ms)
where state = 'created' or state = 'pending' or state = 'authorised';

create table tickets (
    show_id integer not null,
    order_no integer not null,
    ticket_no integer not null,
    purchase_id text not null,
    fare_no integer not null,
    price_minor integer not null,
    fee_minor integer not null,
    state text not null check (state in ('valid', 'refunded')),
    used_ms integer,
    used_where text not null,
    primary key (show_id, order_no, ticket_no),
    foreign key (show_id, purchase_id) references orders (show_id, purchase_id),
    foreign key (show_id, fare_no) references fares (show_id, fare_no)
) without rowid;

-- The outbox: what is to be done outside, written with its cause.
create table effects (
    show_id integer not null,
    ledger_seq integer not null,
    item integer not null,
    lane integer not null,
    kind text not null,
    customer_id text,
    purchase_id text,
    data text not null,
    state text not null check ((state = 'waiting' or state = 'done' or state = 'dead')),
    due_ms integer not null,
    attempts integer not null,
    leased_by text not null default '',
    error text not null default '',
    ended_ms integer,
    ended_seq integer,
    primary key (show_id, ledger_seq, item),
    foreign key (show_id, ledger_seq) references ledger (show_id, seq)
) without rowid;
create index effects_due on effects (lane, due_ms) where state = 'waiting';
create index effects_dead on effects (ended_ms) where state = 'dead';

-- How messages were handed to channels, part by part, and what came of it.
create table attempts (
    show_id integer not null,
    ledger_seq integer not null,
    item integer not null,
    try_no integer not null,
    channel text not null,
    part integer not null,
    state text not null check ((state = 'sent' or state = 'failed' or state = 'refused')),
    at_ms integer not null,
    said text not null,
    primary key (show_id, ledger_seq, item, try_no, channel, part),
    foreign key (show_id, ledger_seq, item) references effects (show_id, ledger_seq, item)
) without rowid;

-- When the next turn to send by each channel is due: all processes keep one pace.
create table paces (
    channel text not null primary key,
    next_ms integer not null
) without rowid;

create table ledger (
    show_id integer not null references books (show_id),
    seq integer not null,
    at_ms integer not null,
    kind text not null,
    purchase_id text,
    actor text not null,
    data text not null,
    hash text not null,
    primary key (show_id, seq)
) without rowid;
create trigger ledger_is_kept before update on ledger begin
    select raise(abort, 'the ledger is append-only');
end;
create trigger ledger_is_whole before delete on ledger begin
    select raise(abort, 'the ledger is append-only');
end;

insert into books
values (
    0, 'house', 1, 0, 0, 0, 0, 0, 0, 0, '', '', '', '', 0, 0, null, 0, 0,
    '0000000000000000000000000000000000000000000000000000000000000000'
);
