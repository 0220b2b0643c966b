-- Purchases that ended, or were fitted after their end.
update purchases set
    state = :state,
    pool = :pool,
    basket = :basket,
    tickets = :tickets,
    deadline_ms = :deadline_ms,
    session_ms = :session_ms,
    payment_id = :payment_id,
    ending = :ending,
    called_ms = :called_ms,
    place = :place,
    chances = :chances,
    told_ahead = :told_ahead,
    drawn = :drawn,
    ended_ms = :ended_ms,
    last_seq = :last_seq
where show_id = :show_id and purchase_id = :purchase_id
