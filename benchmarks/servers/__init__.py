"""The measures on PostgreSQL: a server of their own, with full durability, removed afterwards."""
