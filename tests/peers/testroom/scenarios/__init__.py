"""The same meetings for the kit's client and for Pexip's own: one table, two clients, one outcome."""
