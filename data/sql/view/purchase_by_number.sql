-- Which purchase has this number.
select purchase_id
from purchases
where show_id = :show_id and number = :number
