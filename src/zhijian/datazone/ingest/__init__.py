"""Ingest: deliveries come in by contract; clean rows to the standard layer, refused ones to quarantine."""

from zhijian.datazone.ingest.errors import DeliveryError
from zhijian.datazone.ingest.report import IngestReport
from zhijian.datazone.ingest.run import STAGES, ingest
from zhijian.datazone.ingest.source import Limits

__all__ = ["STAGES", "DeliveryError", "IngestReport", "Limits", "ingest"]
