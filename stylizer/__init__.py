"""Data-efficient, real-time portrait stylization (arXiv 2211.15549)."""

__version__ = "0.1.0"
