"""Our own facts on their way into the lake: numbered without a gap, each brought once."""
