-- How a customer can be reached, best first.
select channel, address
from contacts
where customer_id = :customer_id
order by rank, channel, address
