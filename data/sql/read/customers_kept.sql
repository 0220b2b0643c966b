-- These customers as the house's requests need them, a row for each of their contacts.
select c.customer_id, c.language, c.channels, c.salt, o.channel
from json_each(:keys) as k
cross join customers as c
left join contacts as o on o.customer_id = c.customer_id
where c.customer_id = cast(k.value ->> 0 as text)
