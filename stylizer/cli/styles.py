"""``stylizer styles``: the styles that can be drawn, with their thumbnails."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    from stylizer.models.pretrained import CARD, THUMBNAIL, exported_styles, model_folders
    from stylizer.models.tflite_model import read_info

    styles = exported_styles()
    for style in styles:
        info, _ = read_info(style.files[0].read_bytes(), str(style.files[0]))
        print(f"{style.name}\n  licence    {info.licence}\n  files      {', '.join(f.stem for f in style.files)}")
        for label, name in (("thumbnail", THUMBNAIL), ("card", CARD)):
            if (style.folder / name).is_file():
                print(f"  {label:10} {style.folder / name}")
    if not styles:
        print(f"no styles in {', '.join(map(str, model_folders()))}; train one with `make train STYLE=sketch` "
              "and then `make tflite`")
    return 0
