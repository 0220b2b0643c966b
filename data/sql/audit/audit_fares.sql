-- The fares of one show.
select
    show_id, fare_no, tier_no, name, price_minor, fee_minor, quota_no, proof, document, closed
from fares
where show_id = :show_id
