-- Customers not known before.
insert into customers (
    customer_id, name, language, channels, salt, created_ms, ledger_seq, words
)
values (
    :customer_id, :name, :language, :channels, :salt, :created_ms, :ledger_seq, :words
)
