"""Images that people put into a text survive whatever a machine makes of it."""

import asyncio

import pytest

from tasks.actions import edit_draft, request_rework
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.pipeline.passages import DraftPassage
from tasks.pipeline.stages.shorten import shorten
from tasks.pipeline.text.lost_images import with_lost_images
from tasks.pipeline.text.paragraphs import paragraphs
from tasks.sample import file_sample_brief
from tests.factories import make_user
from tests.model_server import model_server  # noqa: F401  (a fixture)
from tests.tasks.test_model_run import with_model  # noqa: F401  (a fixture)
from tests.tasks.test_passage_stages import BRIEF, RESEARCH, ScriptedModel, rewritten

SHA, OTHER = "a" * 64, "b" * 64
FIGURE = f'![A row of limes](image:{SHA} "Limes in June | Photo: Edda Tor")'
SECOND = f"![A pit](image:{OTHER})"
SHADE = "Trees cool a street by shade and by the water that their leaves give off [1]."
SHORTER = "Trees cool a street by shade and the water of their leaves [1]."
ROOTS = "Roots need room: a pit of twelve cubic metres is the least for a large crown."
BASE = f"{SHADE}\n\n{FIGURE}\n\n## Care\n\n{ROOTS}"


@pytest.mark.parametrize(
    ("revised", "base", "expected"),
    [
        (BASE, BASE, BASE),
        (f"{SHADE}\n\n## Care\n\n{ROOTS}", BASE, BASE),
        (f"{SHORTER}\n\n## Care\n\n{ROOTS}", BASE, f"{SHORTER}\n\n{FIGURE}\n\n## Care\n\n{ROOTS}"),
        ("Quite another text.", BASE, f"Quite another text.\n\n{FIGURE}"),
        (f"{SHADE}\n\n{FIGURE.replace('row', 'line')}", BASE, f"{SHADE}\n\n{FIGURE.replace('row', 'line')}"),
        (SHADE, f"{FIGURE}\n\n{SHADE}", f"{FIGURE}\n\n{SHADE}"),
        (SHADE, f"{SHADE}\n\n{FIGURE}\n\n{SECOND}", f"{SHADE}\n\n{FIGURE}\n\n{SECOND}"),
        (SHADE, f"{SHADE}\n\n{FIGURE}\n{SECOND}", f"{SHADE}\n\n{FIGURE}\n{SECOND}"),
        (f"{SHADE}\n\n{SECOND}", f"{SHADE}\n\n{FIGURE}\n{SECOND}", f"{SHADE}\n\n{FIGURE}\n\n{SECOND}"),
        (SHADE, f"{SHADE} {SECOND}", f"{SHADE} {SECOND}"),
        ("", FIGURE, FIGURE),
        ("Plain.", "Plain before.", "Plain."),
    ],
)  # fmt: skip
def test_an_image_that_the_machine_left_out_is_put_back(revised, base, expected):
    assert with_lost_images(revised, base) == expected
    assert with_lost_images(expected, base) == expected


def test_a_passage_that_is_shortened_or_rewritten_keeps_its_images():
    passage = DraftPassage(
        text=f"{SHADE}\n\n{FIGURE}\n\n{ROOTS}", title="Trees", section="", before="", after=""
    )
    for reply in (
        "Trees cool by shade [1].\n\nRoots need room.",
        f"Shade cools [1].\n\n{FIGURE}\n\nRoots grow.",
    ):
        model = ScriptedModel(reply)
        found = asyncio.run(shorten(BRIEF, RESEARCH, passage, 50, "", model))
        assert FIGURE in paragraphs(found.texts[0])
        assert model.versions == ["shorten 2"]
    within = DraftPassage(text=f"{SHADE} {SECOND}", title="Trees", section="", before="", after="")
    assert rewritten("Shade cools a street [1].", passage=within).texts == (
        f"Shade cools a street [1]. {SECOND}",
    )


@pytest.mark.django_db(transaction=True)
def test_all_versions_of_a_run_of_a_model_have_the_images_of_the_text_before(with_model):  # noqa: F811
    write_one(file_sample_brief(None).pk)
    draft = ContentTask.objects.get().draft
    erika = make_user("erika", "Editors")
    first, *rest = paragraphs(draft.body)
    edit_draft(draft, {"body": "\n\n".join([first, FIGURE, *rest])}, by=erika)
    edited = draft.version
    task = ContentTask.objects.get()
    request_rework(task, by=erika, reason_code="style", reason="Rewrite it all, please.")
    write_one(task.pk)
    task = ContentTask.objects.get()
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 2)
    versions = list(task.draft.history.filter(version__gt=edited))
    assert len(versions) >= 2
    assert all(FIGURE in paragraphs(version.body) for version in versions)
