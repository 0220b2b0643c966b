-- Who has these (channel, address) contacts.
select c.channel, c.address, c.customer_id
from json_each(:keys) as k
cross join contacts as c
where c.channel = cast(k.value ->> 0 as text)
    and c.address = cast(k.value ->> 1 as text)
