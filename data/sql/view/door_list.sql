-- Every ticket of a show.
select order_no, ticket_no, fare_no, state, used_ms, used_where
from tickets
where show_id = :show_id
order by order_no, ticket_no
