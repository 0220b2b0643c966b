-- A show by its slug, or by its id.
select show_id
from shows
where slug = :slug or show_id = :show_id
