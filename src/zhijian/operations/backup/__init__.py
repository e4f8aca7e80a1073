"""Backups: one home and its database in an encrypted file, its keys in another, and the way back."""
