"""What a user can get wrong. Every message is one line: what, where, what was received, what to do.

The command line prints it after ``stylizer: error:`` and exits with 2; a
traceback from `stylizer` is therefore always a bug of ours.
"""


class StylizerError(Exception):
    """A mistake or obstacle outside the program, told in one line."""

    def __init__(self, message: str):
        super().__init__(" ".join(message.split()))


class ConfigError(StylizerError):
    """An unknown key, a value of the wrong type or out of range, an unknown preset or style."""


class DataError(StylizerError):
    """Pictures or folders that cannot be used."""


class RunError(StylizerError):
    """A run folder that does not fit: another config, no model in it, training that diverged."""


class AssetError(StylizerError):
    """Weights that could not be fetched from the package index, or are not what they should be."""


class ModelError(StylizerError):
    """A model file that is missing, damaged or of another kind; a style that nobody trained."""
