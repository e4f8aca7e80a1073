"""Values written into the text of a query, where an engine takes no parameters: paths, patterns, settings."""


def literal(value: object) -> str:
    """Return a value's text as an SQL string, in quotes."""
    return "'" + str(value).replace("'", "''") + "'"
