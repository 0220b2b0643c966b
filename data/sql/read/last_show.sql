-- The last show id given.
select coalesce(max(show_id), 0)
from shows
