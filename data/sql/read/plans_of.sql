-- What never changes about the shows a batch names.
select show_id, slug, currency, starts_ms, seed_digest, terms
from shows
where show_id in (select cast(value as bigint) from json_each(:keys))
