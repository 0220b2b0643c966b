-- What a change of a show left without any show.
delete from series
where series_id = :series_id
    and series_id not in (select series_id from shows where series_id is not null)
