"""Zhijian (智监): one open platform for the market supervision of a province."""

__version__ = "0.1.0"
