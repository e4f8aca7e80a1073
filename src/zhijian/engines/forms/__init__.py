"""Forms from a JSON Schema: declared once, shown accessibly, read without losing what was typed, checked twice."""
