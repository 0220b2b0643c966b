-- A show by its slug, or by its id in digits.
select show_id
from shows
where slug = :slug or cast(show_id as text) = :slug
