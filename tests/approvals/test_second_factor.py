"""Second factors: set up, asked for, required by role, reset, and no easier to guess than passwords."""

import json
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F
from django.test import Client
from django.urls import reverse

from approvals.access import second_factor
from approvals.access.models import PasswordFailures
from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from tests.callers import bearer, token_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LOGIN, SECRET, KEY = "/admin/login/", "a long secret", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE, FACTORS, ADD = (
    "/admin/account/second-factor/code/",
    "/admin/account/second-factor/",
    ("/admin/account/second-factor/app/add/"),
)


@pytest.fixture
def erika():
    return person("erika")


def person(name, *groups, **fields):
    user = make_user(name, *(groups or ("Editors",)), **fields)
    user.set_password(SECRET)
    user.save()
    return user


@pytest.fixture
def with_app(erika):
    """With an app and recovery codes; returns one of these."""
    TOTP.activate(erika, KEY)
    return RecoveryCodes.activate(erika).get_unused_codes()[0]


def code(steps=0, key=KEY):
    return format_hotp_value(hotp_value(key, int(time.time()) // 30 + steps))


def log_in(client=None, **typed):
    client = client or Client()
    return client, client.post(
        LOGIN, {"username": "erika", "password": SECRET, "next": "/admin/desk/"} | typed
    )


def recorded(user):
    entries = AuditEntry.objects.filter(object_type="user", object_id=user.pk, action__contains="factor")
    return [(entry.action, entry.data.get("type", "")) for entry in entries.order_by("seq")]


def later(**span):
    PasswordFailures.objects.update(
        blocked_until=F("blocked_until") - timedelta(**span), ends_at=F("ends_at") - timedelta(**span)
    )


# --- Setting one up ------------------------------------------------------------------------------------


def test_an_app_is_set_up_and_asked_for_at_the_next_login(erika):
    client, entered = log_in()
    assert entered["Location"] == "/admin/desk/"
    page = client.get(ADD)
    key = page.context["form"].secret
    assert "data:image/svg" in page.content.decode()
    assert client.post(ADD, {"code": "000000"}).status_code == 200, "a wrong code turns nothing on"
    assert client.post(ADD, {"code": code(key=key)}).status_code == 302
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in stored
    assert recorded(erika) == [
        ("user.second_factor_added", "totp"),
        ("user.second_factor_added", "recovery_codes"),
    ]
    shown = client.get("/admin/account/second-factor/recovery-codes/").context["unused_codes"]
    assert len(shown) == 10
    other, step = log_in()
    assert step["Location"] == CODE
    assert other.get("/admin/desk/").status_code == 302, "the password alone opens nothing"
    assert other.get("/api/tasks/").status_code in {401, 403}
    done = other.post(CODE, {"code": code(1, key=key)})
    assert done["Location"] == "/admin/desk/"
    assert other.get("/admin/desk/").status_code == 200
    assert first_failure() is None


def ended_sessions(user):
    entries = AuditEntry.objects.filter(action="user.sessions_ended", object_id=user.pk).order_by("seq")
    return [entry.data["sessions"] for entry in entries]


def is_logged_in(client):
    return client.get("/admin/desk/").status_code == 200


def test_a_first_factor_and_one_less_end_the_sessions_of_other_browsers(erika):
    here, _ = log_in()
    bystander = Client()
    bystander.force_login(person("bea"))

    def others():
        found = [Client(), Client()]
        for one in found:
            one.force_login(erika)
        return found

    def shut_out(before, notices):
        assert [is_logged_in(one) for one in before] == [False, False]
        assert "logged out everywhere else: 2 sessions ended" in here.get(FACTORS).content.decode()
        assert is_logged_in(here)
        assert is_logged_in(bystander)
        assert ended_sessions(erika) == [2] * notices

    before = others()
    key = here.get(ADD).context["form"].secret
    assert here.post(ADD, {"code": code(key=key)}).status_code == 302
    before_second = others()
    Authenticator.objects.create(user=erika, type=Authenticator.Type.WEBAUTHN, data={"name": "Passkey 1"})
    assert all(is_logged_in(one) for one in before_second), "a further factor shuts nobody out"
    for one in before_second:
        one.logout()
    shut_out(before, 1)
    before = others()
    assert here.post(reverse("mfa_deactivate_totp")).status_code == 302
    shut_out(before, 2)
    assert first_failure() is None


def test_a_changed_password_ends_the_sessions_of_other_browsers(erika):
    here, other, administrator = Client(), Client(), Client()
    for one in (here, other):
        assert one.login(username="erika", password=SECRET)
    new = {"new_password1": "another long secret", "new_password2": "another long secret"}
    assert here.post(reverse("admin:password_change"), {"old_password": SECRET} | new).status_code == 302
    assert "1 session ended" in here.get("/admin/profile/").content.decode()
    assert (is_logged_in(here), is_logged_in(other), ended_sessions(erika)) == (True, False, [1])
    administrator.force_login(make_user("root", is_superuser=True, is_staff=True))
    set_by_other = {
        "password1": "a third long secret",
        "password2": "a third long secret",
        "usable_password": "true",
    }
    page = reverse("admin:auth_user_password_change", args=[erika.pk])
    assert administrator.post(page, set_by_other).status_code == 302
    assert (is_logged_in(here), is_logged_in(administrator)) == (False, True)
    assert ended_sessions(erika) == [1, 1]


def test_a_recovery_code_works_once(with_app):
    client, _ = log_in()
    assert client.post(CODE, {"code": with_app}).status_code == 302
    client, _ = log_in()
    assert client.post(CODE, {"code": with_app}).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_a_code_of_an_app_works_once_though_each_process_has_a_cache_of_its_own(with_app, settings):
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = dict.fromkeys(settings.CACHES, dummy)
    used = code()
    client, _ = log_in()
    assert client.post(CODE, {"code": used}).status_code == 302
    client, _ = log_in()
    assert client.post(CODE, {"code": used}).status_code == 200


def test_a_change_of_the_factor_asks_again_who_it_is_once_the_login_is_some_time_ago(with_app):
    client, _ = log_in()
    client.post(CODE, {"code": code()})
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    remove = "/admin/account/second-factor/app/remove/"
    asked = client.post(remove)
    assert asked.status_code == 302
    confirm = asked["Location"].partition("?")[0]
    assert confirm == "/admin/account/confirm/"
    assert Authenticator.objects.filter(type="totp").exists()
    assert client.post(asked["Location"], {"password": "wrong", "next": remove}).status_code == 200
    client.post(asked["Location"], {"password": SECRET, "next": remove})
    client.post(remove)
    assert not Authenticator.objects.exists(), "the recovery codes go with the last factor"


def test_after_a_change_of_the_secret_key_no_code_is_right_and_nothing_fails(with_app, settings):
    client, _ = log_in()
    settings.SECRET_KEY = "another one"
    client, _ = log_in()
    assert client.post(CODE, {"code": code()}).status_code == 200


# --- Required by role ----------------------------------------------------------------------------------


def test_a_role_can_require_one(settings):
    settings.REQUIRE_SECOND_FACTOR = ["editors", "Administrators"]
    person("erika"), person("wanda", "Writers")
    for name, closed in {"erika": True, "wanda": False}.items():
        client, _ = log_in(username=name)
        for address in ("/admin/", "/admin/desk/", "/admin/profile/", "/admin/password_change/"):
            answer = client.get(address)
            assert (answer.status_code == 302 and answer["Location"] == FACTORS) is closed, (name, address)
        over_api = client.get("/api/tasks/")
        assert over_api.status_code == (403 if closed else 200)
        assert client.get(FACTORS).status_code == 200
    assert bearer(token_of("erika", "editor")).get("/api/tasks/").status_code == 200, "a program has a token"
    client, _ = log_in()
    key = client.get(ADD).context["form"].secret
    client.post(ADD, {"code": code(key=key)})
    assert client.get("/admin/desk/").status_code == 200
    refused = client.post("/admin/account/second-factor/app/remove/")
    assert "requires a second factor" in refused.content.decode()
    assert Authenticator.objects.filter(type="totp").exists()


def test_administrators_can_be_meant_too(settings):
    settings.REQUIRE_SECOND_FACTOR = ["Administrators"]
    assert second_factor.is_required_of(make_user("chief", is_superuser=True))
    assert not second_factor.is_required_of(make_user("emil", "Editors"))


def test_without_the_setting_no_page_asks_for_factors(erika, django_assert_max_num_queries):
    client, _ = log_in()
    client.get("/admin/profile/")
    with django_assert_max_num_queries(30) as asked:
        client.get("/admin/")
    assert not [each for each in asked.captured_queries if "mfa_authenticator" in each["sql"]]


# --- Reset ---------------------------------------------------------------------------------------------


def test_an_administrator_resets_the_factor_of_a_person_who_lost_it(erika, with_app):
    chief = make_user("chief", is_superuser=True)
    desk, inside = Client(), Client()
    desk.force_login(chief)
    inside.force_login(erika)
    page = reverse("admin:person", args=[erika.pk])
    assert "Reset second factor" in desk.get(page).content.decode()
    desk.post(reverse("admin:person_reset-second-factor", args=[erika.pk]))
    assert not Authenticator.objects.filter(user=erika).exists()
    assert inside.get("/admin/").status_code == 302
    assert recorded(erika)[-1] == ("user.second_factor_reset", "")
    assert AuditEntry.objects.get(action="user.second_factor_reset").actor_id == chief.pk
    _, entered = log_in()
    assert entered["Location"] == "/admin/desk/"


# --- Guessing ------------------------------------------------------------------------------------------


def test_codes_are_not_guessed_either(erika, with_app):
    client, _ = log_in()
    found = [client.post(CODE, {"code": f"{number:06}"}).status_code for number in range(12)]
    assert found == [200] * 5 + [429] * 7
    assert client.post(CODE, {"code": code()}).status_code == 429
    later(seconds=31)
    assert client.post(CODE, {"code": code()}).status_code == 302
    [entry] = AuditEntry.objects.filter(action="login.limited")
    assert (entry.data["secret"], entry.data["username"]) == ("code", "erika")


def test_the_right_password_again_and_again_does_not_block_one_who_has_a_second_factor(with_app):
    for number in range(8):
        client, step = log_in()
        assert step["Location"] == CODE, number
        assert client.post(CODE, {"code": code(number % 2 - 1)}).status_code in {200, 302}
        later(minutes=2)


def test_nor_does_one_without_the_second_factor_become_known(with_app):
    client, _ = log_in()
    assert not [name for name in client.cookies if name.startswith("device_")]
    client.post(CODE, {"code": code()})
    assert [name for name in client.cookies if name.startswith("device_")]


def test_confirming_with_the_right_password_is_no_failed_attempt(erika):
    client, _ = log_in()
    for _ in range(8):
        assert (
            client.post("/admin/account/confirm/", {"password": SECRET, "next": FACTORS}).status_code == 302
        )


# --- What else is there ----------------------------------------------------------------------------------


def test_the_second_step_is_for_one_who_has_done_the_first(erika):
    for address in (CODE, FACTORS, ADD, "/admin/account/passkeys/add/", "/admin/account/confirm/"):
        answer = Client().get(address)
        assert (answer.status_code, "/login/" in answer["Location"]) == (302, True), address


def test_nobody_signs_up_and_unused_pages_of_the_library_do_not_exist():
    for path in (
        "signup/", "signup/passkey/", "email/", "password/reset/", "password/set/", "password/change/",
        "login/code/", "3rdparty/", "3rdparty/signup/", "sessions/", "confirm-email/", "social/signup/",
        "passkeys/signup/", "oidc/login/callback/", "second-factor/trust/",
    ):  # fmt: skip
        answer = Client().get(f"/admin/account/{path}")
        is_gone = answer.status_code == 404 or answer["Location"].startswith(
            ("/admin/login/", "/admin/account/login")
        )
        assert is_gone, path
        assert Client().post(f"/admin/account/{path}", {}).status_code in {302, 404, 405}, path


@pytest.mark.parametrize(
    "credential",
    [
        *("", "null", "[]", "1", '"x"', "{}", '{"response": null}', '{"response": {"userHandle": null}}'),
        *("\0", "{", json.dumps({"response": {"userHandle": "x" * 9999}})),
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "MQ", '
        '"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}',
    ],
)
def test_a_passkey_that_is_none_opens_nothing_and_breaks_nothing(with_app, credential):
    client = Client()
    client.get("/admin/account/passkeys/login/", headers={"accept": "application/json"})
    answer = client.post("/admin/account/passkeys/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/account/login/")
    client, _ = log_in()
    client.get(CODE)
    assert client.post(CODE, {"credential": credential}).status_code == 200
    assert client.get("/admin/").status_code == 302
    inside, _ = log_in()
    inside.post(CODE, {"code": code()})
    inside.get("/admin/account/passkeys/add/")
    refused = inside.post("/admin/account/passkeys/add/", {"name": "x", "credential": credential})
    assert refused.status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_a_form_that_travels_with_the_login_passes_the_second_step_too(with_app):
    carried = '["/admin/notices/", "/admin/notices/", [["decision", "the words that were typed"]], []]'
    client, step = log_in(unsent=carried)
    assert step.status_code == 200
    assert "the words that were typed" in step.content.decode()
    done = client.post(CODE, {"code": code(), "unsent": carried})
    assert done.status_code == 200
    assert "the words that were typed" in done.content.decode()


def test_the_last_administrator_is_let_in_again_by_a_command(erika, with_app):
    call_command("reset_second_factor", "erika")
    _, entered = log_in()
    assert entered["Location"] == "/admin/desk/"
    for name, why in {"erika": "no second factor", "nobody": "no account"}.items():
        with pytest.raises(CommandError, match=why):
            call_command("reset_second_factor", name)
