-- Clerks by name.
select name, role, password_hash
from clerks
where name in (select cast(k.value ->> 0 as text) from json_each(:keys) as k)
