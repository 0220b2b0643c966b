-- The tiers of a show, with what open allotments keep of each.
select t.tier_no, t.name, t.capacity, t.held, t.sold, (
        select cast(coalesce(sum(a.quantity - a.taken), 0) as bigint) from allotments as a
        where a.show_id = t.show_id and a.tier_no = t.tier_no and a.released = 0
    ),
    t.closed
from tiers as t
where t.show_id = :show_id
order by t.tier_no
