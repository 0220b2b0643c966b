-- What a show took and gave back, by method.
select p.method, count(*), sum(p.captured_minor), sum(p.refunded_minor)
from payments as p
where p.show_id = :show_id and p.captured_minor > 0
group by p.method
order by p.method
