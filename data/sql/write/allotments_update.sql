-- What is taken of their allotments.
update allotments set
    taken = :taken,
    released = :released
where allotments.show_id = :show_id and allotments.tier_no = :tier_no
    and allotments.channel = :channel
