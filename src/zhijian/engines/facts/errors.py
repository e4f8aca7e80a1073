"""What the engine refuses, in both languages, saying what to do next."""

from zhijian.standards.bilingual import BilingualError


class FactProblem(BilingualError):
    """Something about a fact is refused. `message_zh` is for people, `message_en` for logs and the API."""


class UnknownKind(FactProblem):
    """No declaration of that kind lies in `kinds/`."""


class PayloadRefused(FactProblem):
    """The payload breaks the schema of its kind or has no canonical form."""


class MayNotRecord(FactProblem):
    """The officer has none of the roles that may record this kind."""


class RecordedDifferently(FactProblem):
    """Source and key are taken by a fact that says something else."""


class AlreadySuperseded(FactProblem):
    """The fact to be corrected is no longer the newest."""


class AlreadySealed(FactProblem):
    """The time of recording lies in days that are sealed."""


class AppendOnly(FactProblem):
    """Facts and seals are never changed or deleted."""


class SealRefused(FactProblem):
    """A day cannot be sealed: it is not over, is covered by a later seal, or a fact was altered."""


class NotYetSealed(FactProblem):
    """The fact lies in no seal so far, so nothing can be proved about it."""
