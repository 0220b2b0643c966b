-- The show as published.
select
    show_id, slug, title, venue_id, series_id, starts_ms, currency, seed_digest, terms, plain, words
from shows
where show_id = :show_id
