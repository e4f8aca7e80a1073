"""Declared registers: one model and one declaration give pages, forms, files, API, history and quality."""
