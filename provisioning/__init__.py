"""Provisioning: the authority that gives each kit its identity."""
