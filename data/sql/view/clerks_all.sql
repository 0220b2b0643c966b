-- All clerks.
select name, role, password_hash
from clerks
order by name
