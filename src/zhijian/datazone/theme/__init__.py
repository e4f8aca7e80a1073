"""The thematic libraries (专题库): tables of counts and sums, each the sum of what its entities bring.

Because every value is a sum over entities, a night's change is taken in by subtracting what the touched entities
brought before and adding what they bring now, and the result is the same as counting everything again.
"""
