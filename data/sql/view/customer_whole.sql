-- Who a customer is.
select customer_id, name, language, channels
from customers
where customer_id = :customer_id
