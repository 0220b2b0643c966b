-- What a change of a show left without any show.
delete from venues
where venue_id in (
        select new.venue_id from json_to_recordset(cast(:rows as json)) as new (venue_id bigint)
    )
    and venue_id not in (select venue_id from shows where venue_id is not null)
