"""What can be wrong with a source. Each error says what, where and how to mend it, in two languages."""

from zhijian.standards.bilingual import BilingualError


class SourceError(BilingualError):
    """A source that cannot be pulled. Slices that were published before stay; nothing else was written."""

    wording = "{zh}\n{en}"


class BadDeclaration(SourceError):
    """The YAML file of a source says something that cannot be done."""


class CannotReach(SourceError):
    """Host, port, database, user or password is wrong, or the server is down."""


class NoSuchColumns(SourceError):
    """Table, watermark or key is not there, or cannot serve as such."""


class SchemaChanged(SourceError):
    """The source has other columns than before, and the change is not a compatible one."""


class PullRunning(SourceError):
    """Another pull of the same source is at work."""
