"""The JSON API under /api/v1. Times are UTC milliseconds, texts are for people, codes for programs."""
