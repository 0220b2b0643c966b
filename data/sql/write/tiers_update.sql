-- What is taken of the tiers of the shows a batch touched.
update tiers set
    held = :held,
    sold = :sold
where show_id = :show_id and tier_no = :tier_no
