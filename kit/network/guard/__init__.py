"""The small root process between the kit and the networks that it is guest in."""
