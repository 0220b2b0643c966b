-- Documents that fares need.
insert into documents (
    show_id, purchase_id, document
)
values (
    :show_id, :purchase_id, :document
)
on conflict (show_id, purchase_id) do update set
    document = excluded.document
