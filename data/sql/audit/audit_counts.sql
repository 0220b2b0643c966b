-- How many rows of each kind one show has.
select
    (select count(*) from orders where show_id = :show_id),
    (select count(*) from payments where show_id = :show_id),
    (select count(*) from refunds where show_id = :show_id),
    (select count(*) from tickets where show_id = :show_id)
