-- The allotments of one show.
select show_id, tier_no, channel, quantity, taken, release_ms, released
from allotments
where show_id = :show_id
