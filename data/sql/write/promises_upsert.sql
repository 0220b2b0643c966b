-- Promises that stand, by pool.
insert into promises (
    show_id, pool, promised
)
values (
    :show_id, :pool, :promised
)
on conflict (show_id, pool) do update set
    promised = excluded.promised
