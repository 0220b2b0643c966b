-- What is taken of their quotas.
update quotas set
    used = :used
where show_id = :show_id and quota_no = :quota_no
