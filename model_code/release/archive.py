"""`model.tar.gz`: written byte for byte the same each time, read as if hostile."""

import gzip
import io
import tarfile
import zlib
from pathlib import Path

from model_code.release.document import ReleaseError

MEMBER = "model.json"
MAX_TAR_BYTES = 256 * 1024 * 1024  # unpacked; thousands of trees a brand fit


def pack(booster: bytes) -> bytes:
    """Put one booster into a tar.gz that depends on nothing else: no time, no owner, no name."""
    member = tarfile.TarInfo(MEMBER)
    member.size = len(booster)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(booster))
    return gzip.compress(tar.getvalue(), mtime=0)


def unpack(path: Path) -> bytes:
    """Return the one file of an archive, without writing it anywhere.

    Raises
    ------
    ReleaseError
        Not an archive, not exactly one regular file, or too large.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not a file")
        with gzip.open(path) as file:
            tar = file.read(MAX_TAR_BYTES + 1)  # to its end, where the checksum is
        if len(tar) > MAX_TAR_BYTES:
            raise ReleaseError(
                f"{path.name} unpacks to more than {MAX_TAR_BYTES:,} bytes. Train fewer or "
                "shallower trees."
            )
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
            return _only_file(archive)
    # Besides tarfile's own errors, headers and data of a damaged archive raise the others.
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise ReleaseError(
            f"{path.name} cannot be read as a tar.gz ({error}). Write the release again with "
            "`python -m model_code train`."
        ) from error


def _only_file(archive: tarfile.TarFile) -> bytes:
    members = archive.getmembers()
    if [(member.name, member.isreg()) for member in members] != [(MEMBER, True)]:
        found = ", ".join(member.name for member in members[:5]) or "none"
        raise ReleaseError(
            f"model.tar.gz must hold exactly one file, {MEMBER}; found: {found}. The container "
            "loads every file as a model and averages several. Pack the booster alone."
        )
    file = archive.extractfile(MEMBER)
    assert file is not None  # noqa: S101 - isreg() said so
    return file.read()
