-- Quotas of a published show.
insert into quotas (
    show_id, quota_no, name, capacity
)
values (
    :show_id, :quota_no, :name, :capacity
)
