"""One article's dossier, and the program that checks it without the desk."""

import base64
import hashlib
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from approvals.audit import chain
from approvals.models import AuditEntry
from tasks.actions import edit_draft, file_brief
from tasks.briefs import source_from_bytes
from tasks.content import canonical_json
from tasks.engine import source_archive
from tasks.engine.checkpoints import Lease
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tasks.source_records import bytes_row
from tests.approvals.test_offline_verifier import verify
from tests.callers import bearer, token_of
from tests.claims import SUPPORTED, UNCITED, save_ledger
from tests.factories import approve, make_draft, make_user
from tests.tasks.test_source_records import page_of, reading_of
from tools.verify_audit import UNHASHED, hash_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    draft = make_draft(title="Bäume “am” Rand \\ 😀")
    edit_draft(draft, {"summary": "Shorter."}, by=make_user("wanda", "Writers"))
    make_draft()  # another draft's entries lie between
    approve(draft)
    return draft


@pytest.fixture
def made(draft):
    out = StringIO()
    call_command("audit", "dossier", str(draft.pk), stdout=out)
    return json.loads(out.getvalue())


def check(tmp_path, made, *arguments):
    return verify(tmp_path, [json.dumps(made, indent=1)], *arguments)


def test_it_has_every_version_and_decision_and_holds_offline(tmp_path, draft, made):
    assert [version["version"] for version in made["versions"]] == [1, 2]
    assert made["versions"][1]["content"]["summary"] == "Shorter."
    assert [decision["version"] for decision in made["decisions"]] == [2]
    assert made["entries"][-1]["action"] == "dossier.exported"
    assert made["head"] == dict(zip(("seq", "hash"), chain.head(), strict=True))
    status, said = check(tmp_path, made, "--head", "{}:{}".format(*chain.head()))
    assert status == 0, said
    assert f"draft {draft.pk} holds: 2 versions, 1 decisions" in said


def test_it_has_the_claims_of_every_version_with_their_passages(tmp_path):
    draft = make_draft()
    save_ledger(draft, SUPPORTED, UNCITED)
    edit_draft(draft, {"summary": "Shorter."}, by=make_user("wanda", "Writers"))
    save_ledger(draft, SUPPORTED)
    out = StringIO()
    call_command("audit", "dossier", str(draft.pk), stdout=out)
    made = json.loads(out.getvalue())
    first, second = made["claims"]
    assert [(one["number"], one["verdict"]) for one in first["claims"]] == [(1, "supported"), (2, "uncited")]
    assert (second["version"], second["claims"][0]["passage"]) == (2, SUPPORTED["passage"])
    assert check(tmp_path, made)[0] == 0
    second["claims"][0]["verdict"] = "unsupported"
    status, said = check(tmp_path, made)
    assert (status, "altered: brief" in said) == (1, True), said


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda made: made["versions"][0]["content"].update(body="Other words."), "altered: version 1"),
        (lambda made: made["versions"][1].update(content_sha256="0" * 64), "altered: version 2"),
        (lambda made: made["versions"].pop(0), "removed: version 1"),
        (lambda made: made["decisions"][0].update(decision="reject"), "altered: decision"),
        (lambda made: made["decisions"].clear(), "removed: decision"),
        (lambda made: made["entries"][1].update(actor_name="mallory"), "altered: entry"),
        (lambda made: made["brief"].update(topic="Another topic"), "altered: brief"),
        (lambda made: made["sources"].append({"number": 7}), "altered: brief"),
        (lambda made: made.update(cost_usd="7"), "altered: brief"),
        (lambda made: made["entries"].pop(), "removed: the entry that records this export"),
    ],
)
def test_whatever_was_changed_in_it_is_named(tmp_path, made, change, named):
    change(made)
    status, said = check(tmp_path, made)
    assert (status, named in said) == (1, True), said


def test_a_head_that_a_dossier_does_not_have_was_not_checked(tmp_path, made):
    own = {entry["seq"] for entry in made["entries"]}
    other = next(seq for seq in range(1, made["head"]["seq"]) if seq not in own)
    status, said = check(tmp_path, made, "--head", f"{other}:{'0' * 64}")
    assert (status, f"Not checked: the head of entry {other}" in said) == (3, True), said


def test_what_is_no_dossier_is_said_to_be_none(tmp_path):
    status, said = check(tmp_path, {"versions": [], "entries": 7})
    assert (status, "no dossier" in said) == (2, True), said


def test_an_unknown_draft_is_named():
    with pytest.raises(CommandError, match="no draft 404"):
        call_command("audit", "dossier", "404")


def test_auditors_download_it_and_that_goes_on_record(client, draft):
    client.force_login(make_user("olga", "Auditors", is_staff=True))
    assert client.get(reverse("desk:dossier", args=[draft.pk])).status_code == 405
    response = client.post(reverse("desk:dossier", args=[draft.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="dossier-{draft.pk}.json"'
    assert response.json()["draft"] == draft.pk
    entry = AuditEntry.objects.latest("seq")
    assert (entry.action, entry.actor_name, entry.object_id) == ("dossier.exported", "olga", draft.pk)
    assert (entry.data["via"], entry.data["rows"]["versions"]) == ("desk", 2)


def test_however_it_is_made_the_file_holds_and_the_entry_says_which_way(tmp_path, client, draft):
    olga = make_user("olga", "Auditors", is_staff=True)
    by_api = bearer(token_of("olga", "auditor")).post(f"/api/drafts/{draft.pk}/dossier/")
    assert check(tmp_path, by_api.json())[0] == 0
    client.force_login(olga)
    by_desk = client.post(reverse("desk:dossier", args=[draft.pk]))
    assert check(tmp_path, by_desk.json())[0] == 0
    entries = AuditEntry.objects.filter(action="dossier.exported").order_by("seq")
    assert [(entry.actor_name, entry.data["via"]) for entry in entries] == [("olga", "api"), ("olga", "desk")]


# --- Sources --------------------------------------------------------------------------------------------

FILE = b"# Trees\n\nShade cools a street by several degrees."


@pytest.fixture
def with_file():
    """A draft whose first source is a file and whose second was fetched by its run."""
    files = [source_from_bytes(FILE, "trees.md"), {"url": "https://x.example/a"}]
    task = file_brief({"topic": "Trees"}, files, by=make_user("wanda", "Writers"))
    task.move_to(Status.IN_PROGRESS, lease_epoch=1)
    lease = Lease(task.pk, 1)
    source_archive.store(lease, 2, page_of(), bytes_row(page_of().body), reading_of())
    ContentTask.objects.filter(pk=task.pk).update(status=Status.PENDING)
    return make_draft(ContentTask.objects.get(pk=task.pk))


def export(draft, *options):
    out = StringIO()
    call_command("audit", "dossier", str(draft.pk), *options, stdout=out)
    return json.loads(out.getvalue())


def test_it_has_what_each_source_was_and_every_reading_of_it(tmp_path, with_file):
    made = export(with_file)
    uploaded, fetched = (source["snapshots"][0] for source in made["sources"])
    assert (uploaded["origin"], uploaded["file_name"]) == ("uploaded", "trees.md")
    assert uploaded["sha256"] == hashlib.sha256(FILE).hexdigest()
    assert "Shade cools" in uploaded["readings"][0]["text"]
    assert (fetched["origin"], fetched["final_url"]) == ("fetched", page_of().final_url)
    assert "data_base64" not in json.dumps(made)
    status, said = check(tmp_path, made)
    assert status == 0, said


def test_on_request_it_has_the_bytes_too(tmp_path, with_file):
    made = export(with_file, "--with-bytes")
    assert base64.b64decode(made["sources"][0]["snapshots"][0]["data_base64"]) == FILE
    status, said = check(tmp_path, made)
    assert status == 0, said


def test_bytes_that_are_too_many_together_are_refused(monkeypatch, client, with_file):
    monkeypatch.setattr("approvals.audit.dossier.MAX_BYTES_INCLUDED", 10)
    with pytest.raises(CommandError, match="download them one by one"):
        export(with_file, "--with-bytes")
    by_api = bearer(token_of("olga", "auditor"))
    refused = by_api.post(f"/api/drafts/{with_file.pk}/dossier/", {"with_bytes": True}, format="json")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:dossier-too-large")
    client.force_login(make_user("olga", "Auditors", is_staff=True))
    page = client.post(reverse("desk:dossier", args=[with_file.pk]), {"with_bytes": "1"}, follow=True)
    assert "download them one by one" in page.content.decode()
    assert not AuditEntry.objects.filter(action="dossier.exported").exists()
    assert export(with_file)["draft"] == with_file.pk


def first(made):
    return made["sources"][0]["snapshots"][0]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda made: first(made).update(sha256="0" * 64), "altered: the document of source 1"),
        (lambda made: first(made).update(data_base64="QUJD"), "altered: the document of source 1"),
        (lambda made: first(made).update(data_base64="?"), "is no base64"),
        (lambda made: first(made)["readings"][0].update(text="Other."), "altered: a reading of source 1"),
        (lambda made: first(made)["readings"].clear(), "removed: a reading of source 1"),
        (lambda made: made["sources"][1]["snapshots"].clear(), "removed: a document of source 2"),
        (
            lambda made: made["sources"][1]["snapshots"][0]["readings"].clear(),
            "removed: a reading of source 2",
        ),
        (lambda made: first(made).update(final_url="https://y.example/"), "altered: brief, sources"),
    ],
)
def test_whatever_was_changed_in_a_source_is_named(tmp_path, with_file, change, named):
    made = export(with_file, "--with-bytes")
    change(made)
    status, said = check(tmp_path, made)
    assert (status, named in said) == (1, True), said


def test_a_dossier_from_before_documents_were_stored_still_holds(tmp_path, draft, made):
    for source in made["sources"]:
        del source["snapshots"]
    said = {name: value for name, value in made.items() if name not in UNHASHED}
    made["entries"][-1]["data"]["sha256"] = hashlib.sha256(canonical_json(said).encode()).hexdigest()
    entry = made["entries"][-1]
    entry["hash"] = hash_of(entry)
    status, said = check(tmp_path, made)
    assert status == 0, said
