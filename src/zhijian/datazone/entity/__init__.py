"""主体: one row per market entity from all deliveries, with the history of every version."""
