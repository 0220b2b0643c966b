-- The tiers of the shows a batch names.
select show_id, tier_no, name, capacity, held, sold
from tiers
where show_id in (select cast(value as bigint) from json_each(:keys))
