"""Official documents: made from templates, numbered without a gap, sealed as facts, served, and verified by anyone."""
