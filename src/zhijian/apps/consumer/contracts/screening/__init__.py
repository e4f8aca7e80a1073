"""Unfair standard terms found in a text by published rules. Pure: no framework, no clock, no database."""
