-- What is taken of their allotments.
update allotments set
    taken = :taken,
    released = :released
where show_id = :show_id and tier_no = :tier_no
    and channel = :channel
