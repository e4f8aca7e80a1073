"""Rewards for proven reports and protection of who reported (S228)."""
