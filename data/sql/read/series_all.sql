-- All series: read when shows are published.
select series_id, slug, title
from series
