"""Classes of texts, learned from examples: reading, features, learning, storing, judging. Pure: no clock, no network."""
