-- The frozen list of a draw in the order of the numbers it gave.
select purchase_id
from purchases
where show_id = :show_id and drawn = 1
order by number
