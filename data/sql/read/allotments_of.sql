-- The allotments of the shows a batch names.
select show_id, tier_no, channel, quantity, taken, release_ms, released
from allotments
where show_id in (select cast(value as bigint) from json_each(:keys))
