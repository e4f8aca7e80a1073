"""How a complaint or a report comes in: the guided pages, the interface for other systems, hotline files."""
