-- Quotas of a show as it is published or changed.
insert into quotas (
    show_id, quota_no, name, capacity
)
values (
    :show_id, :quota_no, :name, :capacity
)
on conflict (show_id, quota_no) do update set
    capacity = excluded.capacity
