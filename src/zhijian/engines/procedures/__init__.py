"""Procedures: cases that people work on, by a drawing that lawyers can read (BPMN 2.0 and DMN 1.3)."""
