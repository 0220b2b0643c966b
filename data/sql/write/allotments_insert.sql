-- Allotments of a published show.
insert into allotments (
    show_id, tier_no, channel, quantity, release_ms
)
values (
    :show_id, :tier_no, :channel, :quantity, :release_ms
)
