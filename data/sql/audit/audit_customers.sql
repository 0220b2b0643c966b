-- Every customer, with the contacts as the ledger digested them.
select
    c.customer_id, c.name, c.language, c.channels, c.salt, c.created_ms, c.erased_ms, c.ledger_seq,
    c.words
from customers as c
order by c.ledger_seq
