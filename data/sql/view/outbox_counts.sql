-- How the outbox stands.
select kind, state, count(*), min(due_ms)
from effects
group by kind, state
order by kind, state
