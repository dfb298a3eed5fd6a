"""Sound out of packets, by the clock of the one who plays it."""
