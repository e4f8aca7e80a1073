"""Rows as the published rules accept them: what a provincial business system delivers in codes, not in words."""
