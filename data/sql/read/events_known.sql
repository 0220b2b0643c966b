-- Which events of gateways were taken in before: (show, gateway, event).
select e.show_id, e.gateway, e.event_id
from json_each(:keys) as k
cross join events as e
where e.show_id = cast(k.value ->> 0 as bigint) and e.gateway = cast(k.value ->> 1 as text)
    and e.event_id = cast(k.value ->> 2 as text)
