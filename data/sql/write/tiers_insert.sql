-- Tiers of a published show.
insert into tiers (
    show_id, tier_no, name, capacity
)
values (
    :show_id, :tier_no, :name, :capacity
)
