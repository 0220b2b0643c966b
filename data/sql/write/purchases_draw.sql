-- Purchases that the draw gave their numbers; more may follow for them in the same batch.
update purchases set
    state = :state,
    number = :number,
    place = :place,
    drawn = :drawn,
    last_seq = :last_seq
where show_id = :show_id and purchase_id = :purchase_id
