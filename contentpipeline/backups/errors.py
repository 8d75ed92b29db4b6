"""What can go wrong with a backup, each as one sentence that says what to do."""

from __future__ import annotations


class BackupProblem(Exception):
    """One sentence for the person at the terminal. Nothing was changed."""


class FileDamaged(BackupProblem):
    """The file is not as it was written: cut off, changed, or not a backup at all."""


class WrongKey(BackupProblem):
    """The file cannot be read with this key, or needs one."""


class NotRestorable(BackupProblem):
    """The file is sound, but does not fit this version or this database."""


class NotProven(BackupProblem):
    """What is in the backup is not what the evidence says."""
