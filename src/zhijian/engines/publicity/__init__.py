"""Proof that nothing is missing from the publicity: each day one signed root over what is public about every code."""
