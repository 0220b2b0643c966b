-- Shows as published.
insert into shows (
    show_id, slug, title, venue_id, series_id, starts_ms, currency, seed_digest, terms, plain,
    words
)
values (
    :show_id, :slug, :title, :venue_id, :series_id, :starts_ms, :currency, :seed_digest, :terms,
    :plain, :words
)
