-- The draw's frozen list: who is in the lobby, or was when it closed.
select purchase_id
from purchases
where show_id = :show_id and purchase_id > :after and (state = 'in_lobby' or drawn = 1)
order by purchase_id
limit :most
