-- How many are ahead: whole blocks before, then the few in the person's own block.
select (
        select cast(coalesce(sum(k.waiting), 0) as bigint) from blocks as k
        where k.show_id = p.show_id and k.block < p.place / :block_places
    ) + (
        select count(*) from purchases as q
        where q.show_id = p.show_id and q.state = 'in_line'
            and q.place >= p.place / :block_places * :block_places
            and (q.place, q.number) < (p.place, p.number)
    )
from purchases as p
where p.show_id = :show_id and p.purchase_id = :purchase_id and p.state = 'in_line'
