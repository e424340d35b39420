"""Data-efficient, real-time portrait stylization (arXiv 2211.15549)."""
