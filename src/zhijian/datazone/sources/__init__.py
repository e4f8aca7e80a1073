"""Databases of other departments as sources: what is new is pulled by a watermark, whole or not at all."""

from zhijian.datazone.sources.declaration import Declaration, declared, load
from zhijian.datazone.sources.errors import SourceError
from zhijian.datazone.sources.pulling import PullReport, pull
from zhijian.datazone.sources.state import STATE, State, state_of

__all__ = [
    "STATE",
    "Declaration",
    "PullReport",
    "SourceError",
    "State",
    "declared",
    "load",
    "pull",
    "state_of",
]
