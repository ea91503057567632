"""Shenzhi (深质): software with which a city carries out its quality regulation."""

__version__ = "0.1.0"
