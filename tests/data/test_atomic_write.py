"""Atomic writes: all or nothing, also of several files."""

import os

import pytest

from stylizer.data.atomic_write import write_atomically, write_together


def test_file_is_replaced(tmp_path):
    path = tmp_path / "a"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and os.listdir(tmp_path) == ["a"]
    assert path.stat().st_mode & 0o444 & ~_umask() == 0o444 & ~_umask()  # others may read what they could always


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_no_file_is_touched_if_one_cannot_be_written(tmp_path):
    first, second = tmp_path / "a", tmp_path / "missing folder" / "b"
    write_atomically(first, b"old")
    with pytest.raises(FileNotFoundError):
        write_together({first: b"new", second: b"new"})
    assert first.read_bytes() == b"old" and os.listdir(tmp_path) == ["a"]


def test_interruption_leaves_nothing_over(tmp_path, monkeypatch):
    def interrupt(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"new")
    assert os.listdir(tmp_path) == []


def test_the_longest_names_in_any_writing(tmp_path):
    for name in ("\u5f71" * 79, "a" * 255, os.fsdecode(b"caf\xe9" * 40)):
        write_atomically(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"
