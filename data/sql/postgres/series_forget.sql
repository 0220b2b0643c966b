-- What a change of a show left without any show.
delete from series
where series_id in (
        select new.series_id from json_to_recordset(cast(:rows as json)) as new (series_id bigint)
    )
    and series_id not in (select series_id from shows where series_id is not null)
