"""Calls between peers through a bad network that runs in user space, and what was seen and heard of them."""
