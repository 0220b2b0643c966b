-- All series: read when shows are published.
select slug, series_id
from series
