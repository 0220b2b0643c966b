-- The contacts of customers, each one's in order of preference.
select c.channel, c.address, c.customer_id, c.rank
from json_each(:keys) as k
cross join contacts as c
where c.customer_id = cast(k.value ->> 0 as text)
order by c.customer_id, c.rank
