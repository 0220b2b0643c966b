-- Tell whoever listens, in any process, which books changed; SQLite has its own counter for that.
select pg_notify(:channel, :said)
