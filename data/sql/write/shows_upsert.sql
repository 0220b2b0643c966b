-- Shows as published, or changed since.
insert into shows (
    show_id, slug, title, venue_id, series_id, starts_ms, currency, seed_digest, terms,
    plain, words
)
values (
    :show_id, :slug, :title, :venue_id, :series_id, :starts_ms, :currency, :seed_digest,
    :terms, :plain, :words
)
on conflict (show_id) do update set
    title = excluded.title,
    venue_id = excluded.venue_id,
    series_id = excluded.series_id,
    starts_ms = excluded.starts_ms,
    terms = excluded.terms,
    plain = excluded.plain,
    words = excluded.words
