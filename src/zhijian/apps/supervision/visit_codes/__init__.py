"""A code by which a business checks who stands at its door, says when they came and left, and how it was."""
