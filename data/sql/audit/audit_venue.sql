-- Where one show is said to be, and its series.
select v.name, v.city, v.address, v.region, v.country, v.time_zone, r.slug, r.title
from shows as s
join venues as v on v.venue_id = s.venue_id
left join series as r on r.series_id = s.series_id
where s.show_id = :show_id
