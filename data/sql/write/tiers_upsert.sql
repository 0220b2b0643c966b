-- Tiers of a show as it is published or changed.
insert into tiers (
    show_id, tier_no, name, capacity, closed
)
values (
    :show_id, :tier_no, :name, :capacity, :closed
)
on conflict (show_id, tier_no) do update set
    capacity = excluded.capacity,
    closed = excluded.closed
