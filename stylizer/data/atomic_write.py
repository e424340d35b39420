"""Writing files so that each is either the old one or the whole new one, whatever happens in between."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces `path` by `content`; its folder must exist.

    Raises:
      OSError: the disk is full, the folder is missing or read-only; `path` is then as it was and nothing is left over.
    """
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Replaces several files that belong together: none is touched before all are safely on the disk.

    Raises:
      OSError: as in `write_atomically`; all files are then as they were.
    """
    temporaries: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            # names may have 255 bytes, which is not characters
            name = os.fsdecode(os.fsencode(path.name)[:80])
            temporaries[path] = path.with_name(f".{name}.{os.getpid()}-{threading.get_ident()}.tmp")
            with open(temporaries[path], "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # some file systems tell only here that they are full
        for path, temporary in temporaries.items():
            os.replace(temporary, path)
    except BaseException:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
        raise
