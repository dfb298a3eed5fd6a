"""Messages between the kit's three processes: agent, engine, screen. Nothing else crosses."""
