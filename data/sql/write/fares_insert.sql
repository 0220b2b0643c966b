-- Fares of a published show.
insert into fares (
    show_id, fare_no, tier_no, name, price_minor, fee_minor, quota_no, proof, document
)
values (
    :show_id, :fare_no, :tier_no, :name, :price_minor, :fee_minor, :quota_no, :proof, :document
)
