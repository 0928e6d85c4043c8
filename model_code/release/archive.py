"""`model.tar.gz`: written byte for byte the same each time, read as if hostile."""

import gzip
import io
import tarfile
from pathlib import Path

from model_code.release.document import ReleaseError

MEMBER = "model.json"
MAX_BOOSTER_BYTES = 512 * 1024 * 1024  # unpacked; thousands of trees a brand fit


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
        with tarfile.open(path, "r:gz") as archive:
            return _only_file(archive)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ReleaseError(
            f"{path.name} cannot be read as a tar.gz ({error}). Write the release again with "
            "`python -m model_code train`."
        ) from error


def _only_file(archive: tarfile.TarFile) -> bytes:
    members = []
    for member in archive:  # one by one: a listing would unpack a bomb to its end
        members.append(member)
        if len(members) > 1 or member.size > MAX_BOOSTER_BYTES:
            break
    if len(members) != 1 or not members[0].isfile():
        found = ", ".join(member.name for member in members) or "none"
        raise ReleaseError(
            f"model.tar.gz must hold exactly one file, the booster; found: {found}. The container "
            "loads every file as a model and averages several. Pack the booster alone."
        )
    if members[0].size > MAX_BOOSTER_BYTES:
        raise ReleaseError(
            f"{members[0].name} unpacks to {members[0].size:,} bytes, and "
            f"{MAX_BOOSTER_BYTES:,} are allowed. Train fewer or shallower trees."
        )
    file = archive.extractfile(members[0])
    assert file is not None  # noqa: S101 - isfile() said so
    return file.read()
