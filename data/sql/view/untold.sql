-- The next to be told of a show's change: who waits, buys or holds tickets; a null once all were.
select b.told_id, p.purchase_id
from books as b
left join purchases as p on p.show_id = b.show_id and p.purchase_id > b.told_id
    and (p.ended_ms is null or (p.state = 'completed' and p.tickets > 0))
where b.show_id = :show_id and b.change <> ''
order by p.purchase_id
limit :most
