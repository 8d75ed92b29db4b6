"""Resolve the lists of requirements into their locks, for every Python from 3.11 on.

What a lock has already stays at its version, unless an argument says otherwise: `--upgrade`, or
`--upgrade-package NAME`. The locks name no index, so that they install from any that has the same files.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tools.install import has_uv, uv_environment
from tools.lockfile import ROOT

COMPILE = [
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"),
    *("--annotation-style", "line"),
]
ONE_INDEX = {"UV_DEFAULT_INDEX", "SSL_CERT_FILE", "UV_INSECURE_HOST"}
"""A folder or a second index may have some files of a release only, and the lock would refuse the others."""


def main(options: list[str]) -> int:
    if not has_uv():
        print("A lock is made with uv, which could not be installed.", file=sys.stderr)
        return 1
    # The later locks take the first one's versions: what is tested is what runs.
    runtime = "--constraint", "requirements.lock"
    return (
        compile_lock("requirements", *options)
        or compile_lock("requirements-telemetry", *runtime, *options)
        or compile_lock("requirements-dev", *runtime, "--constraint", "requirements-telemetry.lock", *options)
    )


def compile_lock(name: str, *options: str) -> int:
    print(f"Resolving {name}.txt into {name}.lock …", flush=True)
    command = [sys.executable, "-m", "uv", *COMPILE, f"{name}.txt", "--output-file", f"{name}.lock", *options]
    index = {key: value for key, value in uv_environment().items() if key in ONE_INDEX}
    return subprocess.run(command, cwd=ROOT, env={**index, **os.environ}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
