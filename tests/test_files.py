"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from sgcli.errors import SgError
from sgcli.files import check_folder, whole, write_text


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


def test_a_link_is_followed(tmp_path: Path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to("target.txt")
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    target.unlink()
    write_text(link, "again")  # the target of a dangling link is made
    assert link.is_symlink()
    assert target.read_text() == "again"


def test_a_private_file_stays_private(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.touch(0o600)
    write_text(path, "secret")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append(path.read_text()))
    reader.start()
    write_text(path, "through")
    reader.join(10)
    assert received == ["through"]
    assert path.is_fifo()


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path):
    path = tmp_path / "null"
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        path.write_text("x")
    except OSError:
        pytest.skip("no device may be made here")
    write_text(path, "gone")
    assert path.is_char_device()


@pytest.mark.parametrize("name", ["file/below", "file"])
def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path: Path, name):
    (tmp_path / "file").touch()
    check_folder(tmp_path / "new" / "below")
    with pytest.raises(SgError, match="is not a folder"):
        check_folder(tmp_path / name)
