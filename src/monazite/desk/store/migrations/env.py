"""Where Alembic begins: the connection comes from `monazite.desk.store.database`."""

from alembic import context

from monazite.desk.store.tables import VERSION_TABLE, metadata


def run() -> None:
    """Run the migrations inside the transaction that the caller holds."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, version_table=VERSION_TABLE)
    context.run_migrations()


# Alembic runs this file and has set the configuration by then; whoever merely imports it has not.
if hasattr(context, "config"):
    run()
