"""Clerical review of doubtful links: what officers decide about pairs, kept as facts."""
