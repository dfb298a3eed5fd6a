"""A whole home visit by itself: chapters that act on real screens and measure what happens."""
