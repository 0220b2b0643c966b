-- Allotments of a show as it is published or changed.
insert into allotments (
    show_id, tier_no, channel, quantity, release_ms
)
values (
    :show_id, :tier_no, :channel, :quantity, :release_ms
)
on conflict (show_id, tier_no, channel) do update set
    quantity = excluded.quantity,
    release_ms = excluded.release_ms
