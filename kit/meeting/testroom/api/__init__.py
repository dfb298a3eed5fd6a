"""Pexip client API v2 over HTTP: one module for each area, put together in ``routes``."""
