-- Which of these customers exist.
select c.customer_id
from json_each(:keys) as k
cross join customers as c
where c.customer_id = cast(k.value ->> 0 as text)
