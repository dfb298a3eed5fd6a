"""Rooms of Janus' VideoRoom plugin (multistream, 1.x) over its WebSocket."""
