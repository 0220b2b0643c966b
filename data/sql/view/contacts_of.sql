-- A customer's contacts, the preferred first.
select channel, address
from contacts
where customer_id = :customer_id
order by rank
