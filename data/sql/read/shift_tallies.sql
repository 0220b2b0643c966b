-- What went through these drawers: payments taken, refunds given, counter sales not yet paid.
select p.shift_id, 'taken' as what, p.method, p.captured_minor as amount_minor, count(*) as n
from json_each(:keys) as k
cross join payments as p
where p.shift_id = cast(k.value ->> 0 as text) and p.shift_id <> ''
    and p.captured_minor > 0
group by p.shift_id, p.method, p.captured_minor
union all
select r.shift_id, 'returned' as what, y.method, r.amount_minor, count(*) as n
from json_each(:keys) as k
cross join refunds as r
cross join payments as y
where r.shift_id = cast(k.value ->> 0 as text) and r.shift_id <> '' and r.state <> 'failed'
    and y.show_id = r.show_id and y.payment_id = r.payment_id
group by r.shift_id, y.method, r.amount_minor
union all
select p.shift_id, 'open' as what, p.method, p.amount_minor, count(*) as n
from json_each(:keys) as k
cross join payments as p
where p.shift_id = cast(k.value ->> 0 as text) and p.shift_id <> ''
    and p.outside = 0 and p.state in ('created', 'pending', 'authorised')
group by p.shift_id, p.method, p.amount_minor
