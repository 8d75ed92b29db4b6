"""The brief a new installation starts with, so that the first look shows a real draft."""

from __future__ import annotations

from pathlib import Path

from django.contrib.auth.models import User

from tasks.actions import file_brief
from tasks.briefs import read_brief_file
from tasks.models import ContentTask


def file_sample_brief(user: User | None) -> ContentTask:
    fields, sources = read_brief_file(Path(__file__).with_name("brief.toml"), is_trusted=True)
    return file_brief(fields, sources, by=user)
