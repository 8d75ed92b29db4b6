"""These tests need weights of a model: `make test-model` installs them and names their Python."""

import os

collect_ignore_glob = [] if os.environ.get("MODEL_PYTHON") else ["test_*.py"]
