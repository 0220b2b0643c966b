-- Which of these customers exist and were not erased.
select c.customer_id
from json_each(:keys) as k
cross join customers as c
where c.customer_id = cast(k.value ->> 0 as text) and c.erased_ms is null
