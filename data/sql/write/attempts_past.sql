-- Attempts at messages that are tried anew: kept below 0, by more than anyone tries, so that what
-- was refused or failed before counts against none of the new ones.
update attempts set try_no = attempts.try_no - 1000000
where show_id = :show_id and ledger_seq = :ledger_seq and item = :item
