-- Shows that need their caretaker.
select show_id, status
from books
where wake_ms <= :now_ms
order by wake_ms
limit :most
