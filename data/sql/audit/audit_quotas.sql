-- The quotas of one show.
select show_id, quota_no, name, capacity, used
from quotas
where show_id = :show_id
