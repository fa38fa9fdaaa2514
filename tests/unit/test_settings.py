"""Settings come from the environment, and a password from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lembur.domain.errors import SettingsError
from lembur.settings import from_environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("redis://redis:6379/0", "redis://:p%2Fw%40rd@redis:6379/0"),
        ("rediss://worker@redis:6379/0", "rediss://worker:p%2Fw%40rd@redis:6379/0"),
        ("redis://:own@redis:6379/0", "redis://:own@redis:6379/0"),
    ],
)
def test_the_password_may_lie_in_a_file(tmp_path: Path, given: str, found: str) -> None:
    """An address without a password gets the one from the file, whatever signs it has; any other stays."""
    file = tmp_path / "redis_password"
    file.write_text("p/w@rd\n")

    settings = from_environment({"LEMBUR_REDIS_URL": given, "LEMBUR_REDIS_PASSWORD_FILE": str(file)})

    assert settings.redis_url == found


def test_a_password_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A secret that was not mounted is named, beside every other fault."""
    file = tmp_path / "nowhere"

    with pytest.raises(SettingsError) as told:
        from_environment(
            {"LEMBUR_REDIS_URL": "redis://redis", "LEMBUR_REDIS_PASSWORD_FILE": str(file), "LEMBUR_OFFICE": "Solo"}
        )

    assert f"LEMBUR_REDIS_PASSWORD_FILE cannot be read: {file} (No such file or directory)" in str(told.value)
    assert "LEMBUR_OFFICE must be" in str(told.value)
