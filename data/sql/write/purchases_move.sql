-- Purchases in the lobby, in line or called: their number and their end stay as they are.
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
    last_seq = :last_seq
where show_id = :show_id and purchase_id = :purchase_id
