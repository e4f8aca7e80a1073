"""Vectorised expressions that several tables share."""
