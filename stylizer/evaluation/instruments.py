"""Instruments whose weights may be out of reach: what they would have said is then missing, and why is kept."""

from collections.abc import Callable
from typing import TypeVar

from stylizer.errors import AssetError

T = TypeVar("T")


class Instruments:
    """Uses instruments by name; one that has failed is not tried again.

    Attributes:
      missing: instrument -> why, one line.
    """

    def __init__(self) -> None:
        self.missing: dict[str, str] = {}

    def use(self, name: str, measure: Callable[[], T]) -> T | None:
        """What `measure` gives; None if the instrument is missing."""
        if name in self.missing:
            return None
        try:
            return measure()
        except AssetError as e:
            self.missing[name] = str(e)
            return None
