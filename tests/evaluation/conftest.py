"""Prepared photos and style samples, as few as will do."""

import pytest

from stylizer.data.datasets import PreparedDataset
from stylizer.data.painters import PAINTERS
from stylizer.data.pictures import list_pictures, read_picture, write_picture
from stylizer.data.preparation import prepare_pictures


@pytest.fixture(scope="session")
def photos(portraits_dir, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    prepare_pictures("photos", portraits_dir, folder, limit=3)
    return PreparedDataset.load(folder)


@pytest.fixture(scope="session")
def samples(portraits_dir, tmp_path_factory):
    """Eight sketches, of other people than the first two photos."""
    prints, folder = tmp_path_factory.mktemp("prints"), tmp_path_factory.mktemp("samples")
    for path in list_pictures(portraits_dir)[2:]:
        write_picture(prints / path.name, PAINTERS["sketch"].paint(read_picture(path), 2))
    prepare_pictures("style", prints, folder)
    return PreparedDataset.load(folder)
