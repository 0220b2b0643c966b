-- Whether every ticket of a show is sold.
select min(case when sold = capacity then 1 else 0 end)
from tiers
where show_id = :show_id and closed = 0
