-- How customers want to be written to.
update customers set
    language = :language,
    channels = :channels
where customer_id = :customer_id
