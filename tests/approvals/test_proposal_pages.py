"""The desk's page for asking a model: forms, replies, and who may use it. No worker runs here."""

import pytest
from django.test import Client
from django.urls import reverse

from tasks.actions import edit_draft
from tasks.models import Draft, Proposal
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

FIRST, SECOND = "Trees cool a street by shade [1].", "Roots need room."


@pytest.fixture
def draft(settings):
    settings.PIPELINE_MODELS = ["openai:gpt-test"]
    return make_draft(body=f"{FIRST}\n\n## Roots\n\n{SECOND}\n\n{SECOND}", title="Street trees")


def signed_in(group):
    client = Client()
    client.force_login(make_user(f"one of {group}", group))
    return client


@pytest.fixture
def client():
    return signed_in("Editors")


def address(draft, proposal=None):
    if proposal is None:
        return reverse("desk:proposals", args=[draft.pk])
    return reverse("desk:answer-proposal", args=[draft.pk, proposal.pk])


def place(at, text):
    return f"{at}-{paragraph_sha256(text)}"


def ready(draft, texts, kind="paragraph"):
    return Proposal.objects.create(
        draft=draft, kind=kind, version=draft.version, paragraphs=[paragraph_sha256(FIRST)], original=FIRST,
        instruction="shorter", status="ready", texts=texts, written_by="openai:gpt-test",
        asked_by_name="erika",
    )  # fmt: skip


def test_each_form_asks_for_its_kind(draft, client):
    page = client.get(address(draft) + f"?paragraph={paragraph_sha256(FIRST)}").content.decode()
    assert f'<option value="{place(0, FIRST)}" selected' in page
    for sent in (
        {"kind": "paragraph", "first": place(3, SECOND), "instruction": "plainer"},
        {"kind": "shorten", "first": place(0, FIRST), "last": place(3, SECOND), "share_percent": "30"},
        {"kind": "titles", "instruction": ""},
    ):
        assert client.post(address(draft), sent).status_code == 302
    found = list(
        draft.proposals.order_by("id").values_list("kind", "position", "instruction", "share_percent")
    )
    assert found == [("paragraph", 3, "plainer", None), ("shorten", 0, "", 30), ("titles", 0, "", None)]
    page = client.get(address(draft)).content.decode()
    assert "No worker is running" in page
    assert page.count(">Stop<") == 3


def test_a_refused_request_brings_back_what_was_typed(draft, client):
    missing = client.post(address(draft), {"kind": "paragraph", "first": place(0, FIRST), "instruction": ""})
    assert missing.status_code == 400
    assert "Say what is to change" in missing.content.decode()
    gone = client.post(
        address(draft), {"kind": "paragraph", "first": place(0, "Gone."), "instruction": "plainer"}
    )
    assert gone.status_code == 400
    assert "choose again" in gone.content.decode()
    assert ">\nplainer</textarea>" in gone.content.decode()
    backwards = {"kind": "shorten", "first": place(3, SECOND), "last": place(0, FIRST), "share_percent": "30"}
    assert "stands above" in client.post(address(draft), backwards).content.decode()
    assert client.post(address(draft), {"kind": "poem"}).status_code == 400
    assert not draft.proposals.exists()


def test_a_reply_is_compared_with_the_text_and_taken(draft, client):
    proposal = ready(draft, ["Shade cools a street [1]."])
    page = client.get(address(draft)).content.decode()
    assert "<del>" in page
    assert "<ins>" in page
    stale = client.post(address(draft, proposal), {"then": "accept", "version": 7})
    assert stale.status_code == 409
    assert client.post(address(draft, proposal), {"then": "accept", "version": 1}).status_code == 302
    saved = Draft.objects.get(pk=draft.pk)
    assert (saved.version, saved.body.startswith("Shade cools a street [1].\n\n## Roots")) == (2, True)
    assert saved.written_by == "one of Editors with openai:gpt-test"
    assert "version 2" in client.get(address(draft)).content.decode()


def test_the_chosen_title_survives_a_stale_screen(draft, client):
    proposal = ready(draft, ["One", "Two", "Three"], kind="titles")
    edit_draft(draft, {"summary": "Edited."}, by=make_user("wanda"))
    sent = {"then": "accept", "version": 1, "choice": 2}
    stale = client.post(address(draft, proposal), sent)
    assert stale.status_code == 409
    assert 'value="2" checked' in stale.content.decode()
    assert client.post(address(draft, proposal), sent | {"version": 2, "choice": 9}).status_code == 409
    assert client.post(address(draft, proposal), sent | {"version": 2}).status_code == 302
    assert Draft.objects.get(pk=draft.pk).title == "Three"


def test_what_cannot_be_taken_any_more_says_so_and_can_be_dismissed(draft, client):
    proposal = ready(draft, ["Shade."])
    edit_draft(draft, {"body": "Another text."}, by=make_user("wanda"))
    page = client.get(address(draft)).content.decode()
    assert "cannot be taken any more" in page
    assert "Take it" not in page
    assert client.post(address(draft, proposal), {"then": "accept", "version": 2}).status_code == 409
    assert client.post(address(draft, proposal), {"then": "dismiss"}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.status == "dismissed"


def test_without_a_model_the_page_says_so(draft, client, settings):
    settings.PIPELINE_MODELS = []
    page = client.get(address(draft)).content.decode()
    assert "No language model is configured" in page
    assert client.post(address(draft), {"kind": "titles", "instruction": ""}).status_code == 409


def test_readers_of_the_desk_see_proposals_and_cannot_use_them(draft):
    proposal, client = ready(draft, ["Shade."]), signed_in("Auditors")
    page = client.get(address(draft)).content.decode()
    assert "Take it" not in page
    assert client.post(address(draft), {"kind": "titles", "instruction": ""}).status_code == 403
    assert client.post(address(draft, proposal), {"then": "dismiss"}).status_code == 403
    stranger = Client()
    stranger.force_login(make_user("stranger", is_staff=True))
    assert stranger.get(address(draft)).status_code == 403
