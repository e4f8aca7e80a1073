"""Notices: one call tells a person by every way they have; nothing twice, nothing at night, nothing lost in silence."""
