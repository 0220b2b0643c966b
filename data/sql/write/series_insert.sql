-- Series not known before.
insert into series (
    series_id, slug, title
)
values (
    :series_id, :slug, :title
)
