-- Venues not known before.
insert into venues (
    venue_id, name, city, address, region, country, time_zone
)
values (
    :venue_id, :name, :city, :address, :region, :country, :time_zone
)
