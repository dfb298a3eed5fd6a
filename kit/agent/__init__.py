"""The process that owns the visit and everything slow or privileged. The only one that decides."""
