-- Valid tickets that each (show, customer) already has. The plus keeps SQLite, which has no
-- statistics, from walking the whole show by its primary key instead of the customer's few rows.
select p.show_id, p.customer_id, cast(sum(p.tickets) as bigint)
from json_each(:keys) as k
cross join purchases as p
where p.customer_id = cast(k.value ->> 1 as text)
    and +p.show_id = cast(k.value ->> 0 as bigint)
    and p.state = 'completed'
group by p.show_id, p.customer_id
