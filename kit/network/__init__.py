"""What carries the kit: uplinks and their state."""
