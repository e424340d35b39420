"""Entry point ``stylizer``: dispatches to one module a verb and turns user errors into one line."""

import argparse
import importlib
import io
import os
import sys

from stylizer.errors import StylizerError

# verb -> (module with add_arguments(parser) and run(args) -> int, one-line help)
VERBS = {
    "prepare": ("stylizer.cli.prepare", "make aligned photo and style datasets from folders or the embedded generator"),
    "train": ("stylizer.cli.train", "train a stylizer, or go on with an interrupted run"),
    "stylize": ("stylizer.cli.stylize", "draw pictures, folders, videos or a camera in a style"),
    "styles": ("stylizer.cli.styles", "list the styles that can be drawn"),
    "export": ("stylizer.cli.export", "write .tflite files of a trained run, checked and compared"),
    "evaluate": ("stylizer.cli.evaluate", "measure a run on a folder of photos"),
}


def main(argv: list[str] | None = None) -> int:
    """Runs one verb. Returns the exit code: 0 done, 2 a user's mistake, 130 interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    # quiet the libraries before they are imported: their start-up chatter hides our messages
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GLOG_minloglevel", "2")
    for stream in (sys.stdout, sys.stderr):  # a file's name may be in no encoding at all
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="stylizer", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (module, text) in VERBS.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        if argv[:1] == [verb]:  # only the verb in use pays for its imports
            importlib.import_module(module).add_arguments(sub)
    args = parser.parse_args(argv)
    try:
        return importlib.import_module(VERBS[args.verb][0]).run(args)
    except StylizerError as e:
        print(f"stylizer: error: {e}", file=sys.stderr)
        return 2
    except OSError as e:  # a full disk, a folder without permission
        where = f" {e.filename}:" if e.filename else ""
        print(f"stylizer: error:{where} {e.strerror or e}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stylizer: interrupted; run the same command again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
