"""Pexip Infinity's client API, version 2: virtual meeting rooms joined as a guest or host.

Decide by HTTP status and the shape of ``result``: the envelope's ``status`` says only that a request was
processed.
"""
