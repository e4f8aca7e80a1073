"""Evidence: files distrusted at the door, kept under their hash, with a chain of who had them in hand."""
