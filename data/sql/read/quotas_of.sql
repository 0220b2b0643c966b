-- The quotas of the shows a batch names.
select show_id, quota_no, name, capacity, used
from quotas
where show_id in (select cast(value as bigint) from json_each(:keys))
