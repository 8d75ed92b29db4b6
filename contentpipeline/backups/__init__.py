"""Backups: the whole desk in one file, and the way back.

`making` writes a file, `restoring` takes one; `archive` is its format, `encryption` what protects it,
`database_clients` runs PostgreSQL's own programs, `scratch` has the databases that are restored into.
"""
