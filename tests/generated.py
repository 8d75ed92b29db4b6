"""A client of the API as integrators make theirs: generated from the schema, used as it comes."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "generated_desk_client"


class GeneratedClient:
    def __init__(self) -> None:
        self._package = importlib.import_module(PACKAGE)
        self._connections = ExitStack()
        self.models: ModuleType = importlib.import_module(f"{PACKAGE}.models")

    def connect(self, url: str, token: str = "") -> Any:
        """The client that the generated functions are given: of an account, or of nobody."""
        connection = (
            self._package.AuthenticatedClient(url, token, prefix="Token", raise_on_unexpected_status=True)
            if token
            else self._package.Client(url, raise_on_unexpected_status=True)
        )
        return self._connections.enter_context(connection)

    def close(self) -> None:
        self._connections.close()

    def call(self, operation: str, *arguments: Any, **options: Any) -> Any:
        """What the function of this operation returns: a typed answer, or a typed problem."""
        resource = operation.partition("_")[0]
        return importlib.import_module(f"{PACKAGE}.api.{resource}.{operation}").sync(*arguments, **options)


@contextmanager
def generated_client(schema_url: str, directory: Path) -> Iterator[GeneratedClient]:
    """Generate it from the schema that a server shows, and import it for as long as the block lasts."""
    subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", "--url", schema_url, "--meta", "none",
         "--output-path", str(directory / PACKAGE), "--fail-on-warning", "--config", _config(directory)],
        check=True, timeout=60,
    )  # fmt: skip
    sys.path.insert(0, str(directory))
    try:
        client = GeneratedClient()
        yield client
        client.close()
    finally:
        sys.path.remove(str(directory))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


def _config(directory: Path) -> str:
    """Nothing is run over the files afterwards: how they look is not what is tested."""
    path = directory / "generator.yaml"
    path.write_text("post_hooks: []\n")
    return str(path)
