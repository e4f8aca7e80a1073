"""Hide what points to a person in what a file shows: numbers of documents, telephones, e-mail, names after their labels.

A firm's credit code stays. The patterns are those of `standards.personal_data`.
"""

from zhijian.standards.personal_data import masked, masked_values

__all__ = ["masked", "masked_values"]
