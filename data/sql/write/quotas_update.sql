-- What is taken of their quotas.
update quotas set
    used = :used
where quotas.show_id = :show_id and quotas.quota_no = :quota_no
