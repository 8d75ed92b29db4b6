"""An office file from the form to the draft: stored, read once, and quoted by its kinds."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tasks.engine.mapping import research_of
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tests.factories import make_user
from tests.tasks.test_admin import BRIEF

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
RELATIONS = """<?xml version="1.0"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
SENTENCE = "A row of street trees cools the pavement below it by several degrees on a summer day."


def docx() -> bytes:
    def cell(text: str) -> str:
        return f"<w:tc>{paragraph(text)}</w:tc>"

    def paragraph(text: str) -> str:
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    rows = [("Tree", "Metres"), ("* Lime", "30"), ("Oak", "25")]
    table = "".join(f"<w:tr>{cell(one)}{cell(two)}</w:tr>" for one, two in rows)
    body = f"{paragraph(SENTENCE)}<w:tbl>{table}</w:tbl>{paragraph('# 412 trees stand there in rows.')}"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
        )
    return made.getvalue()


@pytest.mark.django_db(transaction=True)
def test_it_is_stored_as_it_is_and_its_table_reaches_the_draft(client: Any) -> None:
    client.force_login(make_user("walter", "Writers", is_staff=True))
    data = docx()
    given = BRIEF | {"sources-0-title": "", "sources-0-text": "", "sources-1-url": ""}
    given |= {"sources-0-file": SimpleUploadedFile("Trees of Bergen.docx", data)}
    assert client.post(reverse("admin:tasks_contenttask_add"), given).status_code == 302
    task = ContentTask.objects.get()
    snapshot = task.sources.get().snapshots.get()
    assert (snapshot.file_name, snapshot.content.content) == ("Trees of Bergen.docx", data)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL, task.error
    (read,) = research_of(task).sources
    rows = [text for kind, text in read.blocks if kind == "table_row"]
    assert any("Lime" in row and "30" in row for row in rows), read.blocks
    assert read.kinds == tuple(snapshot.readings.get().kinds)
    assert "# 412 trees stand there in rows." in read.text, "no mark of Markdown in a file is one"
