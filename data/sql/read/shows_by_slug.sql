-- Shows that are there already, by slug.
select slug, show_id, plain
from shows
where slug in (select cast(k.value ->> 0 as text) from json_each(:keys) as k)
