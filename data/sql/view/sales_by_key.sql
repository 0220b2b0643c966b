-- Walk-ins by the beginning of their key, the newest first.
select p.show_id, p.purchase_id, p.state
from contacts as a
join purchases as p on p.customer_id = a.customer_id
where a.channel = 'walk_in' and a.address > :first and a.address < :last
    and (p.ended_ms is null or p.state = 'completed')
order by a.address desc
limit :most
