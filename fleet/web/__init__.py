"""The dashboard: what the region and the municipalities see of the fleet, and do with it."""
