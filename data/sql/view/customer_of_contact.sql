-- Who has this contact.
select customer_id
from contacts
where channel = :channel and address = :address
