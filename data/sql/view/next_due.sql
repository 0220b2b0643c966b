-- When the next purchase or show comes due.
select
    (select min(deadline_ms) from purchases where deadline_ms is not null),
    (select min(wake_ms) from books where wake_ms is not null)
