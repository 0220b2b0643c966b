-- The books a batch names, in the order in which they are locked, each with what the catalogue
-- says of its show; the house has none.
select
    b.show_id, b.status, b.next_number, b.lobby, b.waiting, b.opened, b.paying, b.valid,
    b.to_draw, b.drawn, b.list_digest, b.seed, b.change, b.told_id, b.calls_clear_ms,
    b.told_place, b.wake_ms, b.last_ms, b.ledger_seq, b.ledger_head, s.slug, s.currency,
    s.starts_ms, s.seed_digest, s.terms
from books as b
left join shows as s on s.show_id = b.show_id
where b.show_id in (select cast(k.value ->> 0 as bigint) from json_each(:keys) as k)
order by b.show_id
