-- The fares of a show, with what is left of their quotas.
select
    f.fare_no, f.tier_no, f.name, f.price_minor, f.fee_minor, f.proof, f.document, q.name,
    q.capacity - q.used, f.closed
from fares as f
left join quotas as q on q.show_id = f.show_id and q.quota_no = f.quota_no
where f.show_id = :show_id
order by f.fare_no
