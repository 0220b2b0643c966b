-- Whom the cancelling of a show would concern: with tickets, still buying, and without a contact.
select
    cast(coalesce(sum(case when p.state = 'completed' then 1 else 0 end), 0) as bigint),
    cast(coalesce(sum(case when p.state = 'completed' then p.tickets else 0 end), 0) as bigint),
    cast(coalesce(sum(case when p.state = 'completed' then 0 else 1 end), 0) as bigint),
    cast(coalesce(sum(case when exists (
        select 1
        from contacts as c
        where c.customer_id = p.customer_id and c.channel <> 'walk_in'
    ) then 0 else 1 end), 0) as bigint)
from purchases as p
where p.show_id = :show_id and (
        p.state in ('in_lobby', 'in_line', 'called', 'choosing', 'paying')
        or (p.state = 'completed' and p.tickets > 0)
    )
