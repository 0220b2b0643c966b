-- How many are said to wait in each block of one line.
select block, waiting
from blocks
where show_id = :show_id and waiting > 0
