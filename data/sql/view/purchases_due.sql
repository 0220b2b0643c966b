-- Purchases whose deadline has passed.
select show_id, purchase_id
from purchases
where deadline_ms <= :now_ms
order by deadline_ms
limit :most
