"""``stylizer train``: data, training and result in one command; run it again to go on."""

import argparse
import time
from pathlib import Path

from stylizer.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """examples:
  stylizer train --style sketch                         the embedded default, no pictures needed
  stylizer train --style mine --styles ~/prints         your own style pictures (20 do something, 100 are plenty)
  stylizer train --style sketch --photos ~/faces        your own photos
  stylizer train --style sketch --set alignment.feature=false --run runs/no-feature"""
    parser.add_argument("--style", default=None,
                        help="sketch, watercolor, oilpaint, inkpaint or animation; any name with --styles")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="your photos instead of the embedded portraits")
    parser.add_argument("--styles", type=Path, metavar="DIR", help="your style pictures instead of our painters'")
    parser.add_argument("--photo-count", type=int, default=300, help="embedded portraits to draw (default 300)")
    parser.add_argument("--style-samples", type=int, default=100, help="style samples to use (default 100)")
    parser.add_argument("--sample-photos", type=Path, metavar="DIR",
                        help="photos that our painters paint samples of, instead of embedded portraits")
    parser.add_argument("--preset", help="quick (two CPU cores), full (one GPU), smoke; by the hardware if left out")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one setting")
    parser.add_argument("--run", type=Path, metavar="DIR", help="run folder (default runs/STYLE-PRESET)")
    parser.add_argument("--data", type=Path, default=Path("data"), metavar="DIR", help="prepared data (default data)")
    parser.add_argument("--workers", type=int, default=2, help="processes that prepare data (default 2)")
    parser.add_argument("--dry-run", action="store_true", help="print the settings and stop")


def run(args: argparse.Namespace) -> int:
    import yaml

    from stylizer.config import load_config
    from stylizer.data.datasets import PreparedDataset
    from stylizer.data.default_data import prepare_both
    from stylizer.training.strategy import create_strategy, default_preset
    from stylizer.training.trainer import check_run, train
    from stylizer.training.warm_start import warm_start_file

    started = time.monotonic()
    style = args.style or (args.styles.resolve().name if args.styles else None)
    if style is None:
        raise ConfigError("style: none named; add --style sketch, or --styles with a folder of pictures")
    preset = args.preset or default_preset()
    config = load_config(preset, args.set)
    if warm_start_file(config.train.warm_start) and config.train.warm_up:
        config = load_config(preset, ["train.warm_up=0", *args.set])
    run_dir = args.run or Path("runs") / f"{style}-{preset}"
    if args.dry_run:
        print(yaml.safe_dump({"run": str(run_dir), "preset": preset, **config.to_dict()}, sort_keys=False), end="")
        return 0

    check_run(run_dir, style, config)  # before minutes go into data
    strategy = create_strategy()  # before painters compute, too, from when on devices are fixed
    photos_dir, styles_dir = prepare_both(
        style=style, photos=args.photos, styles=args.styles, photo_count=args.photo_count,
        style_samples=args.style_samples, sample_photos=args.sample_photos, out_dir=args.data, workers=args.workers)
    prepared = time.monotonic()
    result = train(run_dir, style, PreparedDataset.load(photos_dir), PreparedDataset.load(styles_dir), config,
                   strategy)
    print(f"model          {result.model}")
    print(f"metrics        {result.metrics}   (tensorboard --logdir {run_dir})")
    print(f"contact sheet  {result.sheet}   (held-out faces: photo, stylized)")
    print(f"took           data {_minutes(prepared - started)}, training {_minutes(time.monotonic() - prepared)}")
    print(f"draw a photo   stylizer stylize PHOTO OUT.png --run {run_dir}")
    return 0


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"
