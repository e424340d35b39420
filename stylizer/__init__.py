"""Data-efficient, real-time portrait stylization (arXiv 2211.15549)."""

import importlib

__version__ = "0.1.0"
__all__ = ["Stylizer", "__version__"]


def __getattr__(name: str):
    if name == "Stylizer":  # imported when asked for: it takes seconds, and most of the package does without it
        return importlib.import_module("stylizer.inference.stylizer").Stylizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
