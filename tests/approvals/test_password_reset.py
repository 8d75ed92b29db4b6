"""A forgotten password is replaced by mail, and nobody learns which accounts there are."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils.module_loading import import_string

from approvals.access import mails, password_reset
from approvals.models import AuditEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db

ASK, SECRET, NEW = "/admin/account/password/", "a long secret", "another long secret"


@pytest.fixture
def outbox(settings, monkeypatch):
    """The mails, sent as the worker sends them."""
    settings.SENDS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(mails, "async_task", lambda job, *arguments: import_string(job)(*arguments))
    return mail.outbox


def person(name="erika", **fields):
    user = make_user(name, "Editors", **({"email": f"{name}@example.org"} | fields))
    user.set_password(SECRET)
    user.save()
    return user


def ask(address="erika@example.org", client=None, **headers):
    return (client or Client()).post(ASK, {"email": address}, **headers)


def link_in(message):
    return re.search(r"http://[^/]+(/admin/account/password/\S+)", message.body)[1]


def choose(link, password=NEW, client=None):
    client = client or Client()
    form = client.get(link, follow=True)
    page = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(page, {"new_password1": password, "new_password2": password})


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(outbox):
    user, inside = person(), Client()
    inside.force_login(user)
    assert "Forgot your password?" in Client().get("/admin/login/").content.decode()
    assert ask("ERIKA@example.org").status_code == 302
    assert [message.to for message in outbox] == [["erika@example.org"]]
    assert SECRET not in outbox[0].body
    link = link_in(outbox[0])
    assert choose(link, "123").status_code == 200, "a weak one is refused, and the link stays"
    assert choose(link)["Location"] == "/admin/login/"
    assert "used already" in Client().get(link, follow=True).content.decode()
    assert inside.get("/admin/").status_code == 302, "sessions that were open have ended"
    assert Client().post("/admin/login/", {"username": "erika", "password": NEW}).status_code == 302
    assert outbox[-1].subject.endswith("a new password was set")
    assert AuditEntry.objects.filter(action="user.password_changed", object_id=user.pk).exists()


def test_nobody_learns_who_has_an_account(outbox, django_assert_max_num_queries):
    person(), person("gone", is_active=False), person("twice"), person("again", email="twice@example.org")
    invited = person("invited")
    invited.set_unusable_password()
    invited.save()
    answers = set()
    for name in ("erika", "gone", "twice", "invited", "nobody", "a" * 60):
        client = Client()
        asked = ask(f"{name}@example.org", client)
        answers.add(
            (asked.status_code, asked["Location"], client.get(asked["Location"]).content.decode().count(""))
        )
    assert len(answers) == 1
    assert [message.to for message in outbox] == [["erika@example.org"]]


def test_the_page_itself_looks_up_no_account(settings, monkeypatch, django_assert_max_num_queries):
    settings.SENDS_MAIL = True
    person()
    monkeypatch.setattr(mails, "async_task", lambda *_: None)
    with django_assert_max_num_queries(10) as asked:
        ask()
    assert not [each for each in asked.captured_queries if "auth_user" in each["sql"]]


def test_the_link_is_made_of_the_sites_own_address_whatever_host_is_named(outbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    person()
    ask(HTTP_HOST="evil.example")
    assert "evil.example" not in outbox[0].body


def test_nobody_is_sent_many_mails_and_no_address_asks_for_many(outbox, monkeypatch):
    person()
    for number in range(6):
        assert ask(REMOTE_ADDR=f"192.0.2.{number}").status_code == 302
    assert len(outbox) == password_reset.MAIL_LIMIT
    monkeypatch.setattr(password_reset, "NETWORK_LIMIT", 2)
    found = [ask(f"x{number}@example.org", REMOTE_ADDR="198.51.100.1").status_code for number in range(4)]
    assert found == [302, 302, 429, 429]


def test_without_mail_the_page_says_what_to_do():
    assert "Ask an administrator for a new invitation" in Client().get(ASK).content.decode()


def test_the_owner_is_warned_once_of_guesses(outbox):
    person()
    for _ in range(2):
        for number in range(20):
            typed = {"username": "erika", "password": "wrong"}
            Client().post("/admin/login/", typed, REMOTE_ADDR=f"192.0.2.{number % 3}")
    [warning] = outbox
    assert warning.to == ["erika@example.org"]
    assert "192.0.2." in warning.body


def test_a_new_address_counts_once_its_mail_was_read(outbox):
    user, client, other = person(), Client(), Client()
    client.force_login(user)
    other.force_login(person("emil"))
    saved = client.post("/admin/profile/", {"name": "Erika Mustermann", "mail": "new@example.org"})
    assert saved.status_code == 302
    user.refresh_from_db()
    assert (user.get_full_name(), user.email) == ("Erika Mustermann", "erika@example.org")
    [message] = outbox
    assert message.to == ["new@example.org"]
    link = re.search(r"http://[^/]+(/admin/profile/mail/\S+)", message.body)[1]
    assert other.post(link).status_code == 409
    assert client.get(link).status_code == 200
    user.refresh_from_db()
    assert user.email == "erika@example.org", "opening it changes nothing"
    assert client.post(link).status_code == 302
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert client.post(link).status_code == 409
    assert client.get("/admin/profile/mail/x/").status_code == 409
    assert Client().get(link).status_code == 302


@pytest.mark.parametrize(
    ("mail", "sends", "remedy"),
    [
        ("", True, "Enter an address"),
        ("new@example.org", False, "Only an administrator"),
        ("x", True, "valid"),
    ],
)
def test_an_address_that_cannot_be_changed_says_why(settings, mail, sends, remedy):
    settings.SENDS_MAIL = sends
    client = Client()
    client.force_login(person())
    page = client.post("/admin/profile/", {"name": "E", "mail": mail})
    assert page.status_code == 400
    assert remedy in page.content.decode()
