-- Erase a customer's contacts.
delete from contacts
where contacts.customer_id = :customer_id
