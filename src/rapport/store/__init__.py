"""The database: the embedded PostgreSQL, connections, migrations, walls and the doorbell."""
