-- What a show took and gave back, by method.
select
    p.method, count(*), cast(sum(p.captured_minor) as bigint),
    cast(sum(p.refunded_minor) as bigint)
from payments as p
where p.show_id = :show_id and p.captured_minor > 0
group by p.method
order by p.method
