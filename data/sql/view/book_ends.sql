-- Where each ledger ends, the house's too: whoever follows the changes compares.
select show_id, ledger_seq
from books
