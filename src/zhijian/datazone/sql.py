"""Values and names written into the text of a query, where an engine takes no parameters: paths, patterns, settings."""


def literal(value: object) -> str:
    """Return a value's text as an SQL string, in quotes."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return the name of a column or table, in quotes."""
    return '"' + name.replace('"', '""') + '"'
