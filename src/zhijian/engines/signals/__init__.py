"""Where counts rise more than chance allows: charts, baselines, space and time, disproportion, false discoveries. Pure.

Counts come in as arrays, the days as places in them, the seed as an argument. Nothing is read and nothing is stored.
"""
