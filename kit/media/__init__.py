"""The engine: the process that owns camera, sound and the call."""
