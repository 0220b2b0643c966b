-- The fares of the shows a batch names.
select show_id, fare_no, tier_no, name, price_minor, fee_minor, quota_no, proof, document
from fares
where show_id in (select cast(value as bigint) from json_each(:keys))
