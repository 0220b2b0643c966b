-- Clerks by name.
select name, role, password_hash
from clerks
where name in (select cast(value as text) from json_each(:keys))
