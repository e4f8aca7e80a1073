"""From a source's words to codes and numbers: capital, enterprise type, division, industry.

Pure functions over single texts, and batches over distinct texts. Nothing here reads a table or writes one.
"""
