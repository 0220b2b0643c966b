-- What gateways reported about one show.
select gateway, event_id, payment_id, show_id, at_ms
from events
where show_id = :show_id
