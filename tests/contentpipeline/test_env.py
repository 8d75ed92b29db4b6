"""What settings say when they cannot be understood: one sentence, and never a secret."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from contentpipeline import env

PLAIN = {"HOST_USER": "", "HOST_PASSWORD": "", "USE_TLS": False, "USE_SSL": False}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example", PLAIN | {"HOST": "mail.example", "PORT": 25}),
        ("smtps://mail.example", PLAIN | {"HOST": "mail.example", "PORT": 465, "USE_SSL": True}),
        ("smtp://mail.example/?tls=starttls", PLAIN | {"HOST": "mail.example", "PORT": 587, "USE_TLS": True}),
        (
            "smtp://desk%40x.example:p%40ss%2Fw%23rd@127.0.0.1:2525/?tls=none",
            PLAIN | {"HOST": "127.0.0.1", "PORT": 2525, "HOST_USER": "desk@x.example",
                     "HOST_PASSWORD": "p@ss/w#rd"},
        ),
    ],
)  # fmt: skip
def test_a_mail_server_is_named_by_an_address(monkeypatch, url, found):
    monkeypatch.setenv("EMAIL_URL", url)
    assert env.mail("EMAIL_URL") == found


def test_without_an_address_no_mail_is_sent(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", " ")
    assert env.mail("EMAIL_URL") is None


@pytest.mark.parametrize(
    "url",
    [
        "http://u:hunter2@mail.example", "smtp://u:hunter2@", "smtp://u:hunter2@mail.example:port",
        "smtp://u:hunter2@mail.example/?tls=yes", "smtp://u:hunter2@mail.example/?starttls=1",
        "smtp://u:#hunter2@mail.example", "smtp://u:a/hunter2@mail.example", "smtp://u:?hunter2@mail.example",
        "smtp://u:hunter2@[::1", "u:hunter2@mail.example",
    ],
)  # fmt: skip
def test_a_wrong_address_of_a_mail_server_is_said_without_its_password(monkeypatch, url):
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured) as refused:
        env.mail("EMAIL_URL")
    sentence = str(refused.value)
    assert sentence.startswith("EMAIL_URL ")
    assert "hunter2" not in sentence
    assert "\n" not in sentence


def test_mail_addresses_are_listed_and_a_wrong_one_is_named(monkeypatch):
    monkeypatch.setenv("ALERT_EMAILS", "ada@example.org, bob@example.org,")
    assert env.emails("ALERT_EMAILS") == ["ada@example.org", "bob@example.org"]
    monkeypatch.setenv("ALERT_EMAILS", "ada@example.org bob")
    with pytest.raises(ImproperlyConfigured, match="'ada@example"):
        env.emails("ALERT_EMAILS")


def test_a_database_is_named_by_an_address_or_by_a_file_that_holds_it(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgresql://desk_app:p%40ss@db.example:6432/desk?sslmode=require\n")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert env.database("DATABASE_URL") == {
        "NAME": "desk", "USER": "desk_app", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL_FILE names .*gone, which cannot be read"):
        env.database("DATABASE_URL")


@pytest.mark.parametrize("application", [None, {"USER": ""}])
def test_an_owner_of_the_database_needs_an_application_with_a_name(monkeypatch, application):
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgresql://desk_owner:hunter2@db.example/desk")
    assert env.owner_of_database("MIGRATION_DATABASE_URL", application={"USER": "desk_app"})
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must be too and name") as refused:
        env.owner_of_database("MIGRATION_DATABASE_URL", application=application)
    assert "hunter2" not in str(refused.value)
    monkeypatch.delenv("MIGRATION_DATABASE_URL")
    assert env.owner_of_database("MIGRATION_DATABASE_URL", application=application) is None
