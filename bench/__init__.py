"""Measurements of the running system: one module each, figures in build/bench."""
