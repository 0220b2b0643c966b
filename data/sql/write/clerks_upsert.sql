-- Clerks new or changed.
insert into clerks (
    name, role, password_hash
)
values (
    :name, :role, :password_hash
)
on conflict (name) do update set
    role = excluded.role,
    password_hash = excluded.password_hash
