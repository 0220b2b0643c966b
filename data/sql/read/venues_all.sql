-- All venues: read when shows are published.
select name, city, venue_id
from venues
