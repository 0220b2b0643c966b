-- The tiers of one show.
select show_id, tier_no, name, capacity, held, sold, closed
from tiers
where show_id = :show_id
