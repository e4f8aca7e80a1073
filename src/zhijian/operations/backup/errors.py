"""What a backup or a restore refuses, in both languages."""

from zhijian.standards.bilingual import BilingualError


class BackupRefused(BilingualError):
    """The backup or restore was not done; the message says why and what next. Nothing half-done is left."""

    wording = "{zh} {en}"
