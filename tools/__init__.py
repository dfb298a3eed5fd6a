"""Set-up, checks and test runs of this checkout; not part of what is delivered."""
