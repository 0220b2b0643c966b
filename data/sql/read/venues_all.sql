-- All venues: read when shows are published.
select venue_id, name, city, address, region, country, time_zone
from venues
