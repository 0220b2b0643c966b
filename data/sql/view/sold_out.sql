-- Whether every ticket of a show is sold.
select min(sold = capacity)
from tiers
where show_id = :show_id
