-- What a change of a show left without any show.
delete from venues
where venue_id = :venue_id
    and venue_id not in (select venue_id from shows where venue_id is not null)
