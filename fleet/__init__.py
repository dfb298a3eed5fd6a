"""The fleet: what runs on the region's servers."""
