-- Fares of a show as it is published or changed: all but price, fee and closing is for good.
insert into fares (
    show_id, fare_no, tier_no, name, price_minor, fee_minor, quota_no, proof, document,
    closed
)
values (
    :show_id, :fare_no, :tier_no, :name, :price_minor, :fee_minor, :quota_no, :proof,
    :document, :closed
)
on conflict (show_id, fare_no) do update set
    price_minor = excluded.price_minor,
    fee_minor = excluded.fee_minor,
    closed = excluded.closed
