-- Rows that nothing refers to, or that refer to nothing: no sale leaves such.
select 'venues' as part, cast(venue_id as text) as name
from venues
where venue_id not in (select venue_id from shows)
union all
select 'series' as part, cast(series_id as text) as name
from series
where series_id not in (select series_id from shows where series_id is not null)
union all
select 'contacts' as part, channel || ':' || customer_id as name
from contacts
where customer_id not in (select customer_id from customers)
