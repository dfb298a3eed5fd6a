"""Cameras behind one interface (:class:`kit.media.cameras.source.Source`): V4L2, Raspberry Pi, generated."""
