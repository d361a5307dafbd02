"""A file is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sgcli.errors import SgError
from sgcli.files import whole, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail_half_way() -> None:
        with whole(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_a_clear_error(tmp_path: Path):
    path = tmp_path / "a.txt"
    with pytest.raises(SgError, match="No space left"), whole(path):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_the_file_has_the_usual_permissions(tmp_path: Path):
    path = tmp_path / "a.txt"
    write_text(path, "é")
    assert path.read_bytes() == "é".encode()
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("name", ["missing/a.txt", "."])
def test_a_path_that_cannot_be_written_is_an_error(tmp_path: Path, name):
    with pytest.raises(SgError, match="cannot write"):
        write_text(tmp_path / name, "x")
