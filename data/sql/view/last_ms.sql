-- When any ledger was last written.
select max(last_ms)
from books
