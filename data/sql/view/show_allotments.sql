-- The allotments of a show.
select tier_no, channel, quantity, taken, release_ms, released
from allotments
where show_id = :show_id
order by tier_no, channel
