-- Erase a customer's contacts.
delete from contacts
where customer_id = :customer_id
