"""The kit's hardware, one small module each."""
