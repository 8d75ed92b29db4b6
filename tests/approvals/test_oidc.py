"""OpenID Connect against a real provider on loopback, which signs its tokens."""

import json
import re
import threading
import time
from dataclasses import dataclass
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from approvals.access import oidc
from approvals.access.models import Invitation
from contentpipeline import account_settings, env
from contentpipeline.access_probes import login_provider, second_factor_roles
from contentpipeline.management.commands import doctor
from contentpipeline.probes import State
from contentpipeline.roles import create_groups
from tests.factories import make_user

pytestmark = pytest.mark.django_db

BEGIN, FINISH = "/admin/account/oidc/login/", "/admin/account/oidc/login/callback/"
PERSON = {"email": "anna@example.org", "email_verified": True, "name": "Anna Müller"}


@pytest.fixture(scope="module")
def provider():
    with run_server_in_thread() as server:
        yield f"http://127.0.0.1:{server.server_port}"


def use(settings, issuer, **other):
    create_groups()
    variables = {
        "OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "desk", "OIDC_CLIENT_SECRET": "secret", "OIDC_NAME": "Acme",
    }  # fmt: skip
    for name, value in configured(**variables, **other).items():
        setattr(settings, name, value)


def configured(**variables):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        return account_settings.read(env, site_name="Desk", is_https=False)


@pytest.fixture
def acme(provider, settings):
    oidc._configurations.clear()
    use(settings, provider, OIDC_ROLES_CLAIM="groups", OIDC_ROLES="desk-ed:Editors,desk-pub:Publishers")
    return provider


def begin(client, **fields):
    page = client.post(BEGIN, fields)
    found = re.search(r'<a class="desk-button" href="([^"]+)"', page.content.decode())
    return unescape(found[1]) if found else page


def come_back(acme, client, claims, sub="anna-1"):
    """What a browser does at the provider: the person logs in there and is sent back with a code."""
    requests.put(f"{acme}/users/{sub}", json=claims, timeout=5).raise_for_status()
    there = requests.post(
        begin(client, next="/admin/desk/"), data={"sub": sub}, allow_redirects=False, timeout=5
    )
    back = urlsplit(there.headers["Location"])
    assert back.path == FINISH
    return f"{back.path}?{back.query}"


def log_in(acme, claims, client=None, **who):
    client = client or Client()
    return client, client.get(come_back(acme, client, claims, **who))


def groups_of(name):
    return {group.name for group in User.objects.get(username=name).groups.all()}


def test_a_person_with_a_role_at_the_provider_logs_in_and_is_made(acme):
    client, entered = log_in(acme, PERSON | {"groups": ["desk-ed", "football"]})
    assert (entered.status_code, entered["Location"]) == (302, "/admin/desk/")
    assert client.get("/admin/desk/").status_code == 200
    anna = User.objects.get(email="anna@example.org")
    assert (anna.get_full_name(), anna.has_usable_password(), anna.is_superuser) == (
        "Anna Müller",
        False,
        False,
    )
    assert groups_of("anna") == {"Editors"}


def test_roles_follow_the_claim_at_each_login_and_those_of_the_desk_stay(acme):
    log_in(acme, PERSON | {"groups": ["desk-ed"]})
    User.objects.get(username="anna").groups.add(Group.objects.get(name="Auditors"))
    log_in(acme, PERSON | {"groups": ["desk-pub"]})
    assert groups_of("anna") == {"Publishers", "Auditors"}
    log_in(acme, PERSON | {"groups": "desk-ed"})
    assert groups_of("anna") == {"Editors", "Auditors"}
    for odd in (None, [], {"a": 1}, [1, None, ["desk-ed"]], "Superusers", ["Editors"]):
        log_in(acme, PERSON | {"groups": odd})
        assert groups_of("anna") == {"Auditors"}, odd


@pytest.fixture(scope="module")
def strict_provider():
    """One that knows no client yet."""
    with run_server_in_thread(require_client_registration=True) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_the_doctor_says_what_is_wrong_with_the_provider(acme, strict_provider, settings):
    def found(issuer=acme, **variables):
        use(settings, issuer, **variables)
        probed = login_provider()
        return probed.state, probed.message

    assert found(OIDC_ROLES_CLAIM="groups", OIDC_ROLES="a:Editors") == (State.OK, f"{acme}, as desk.")
    for issuer, variables, words in [
        ("http://127.0.0.1:9", {}, "it cannot be reached. Check OIDC_ISSUER"),
        (f"{acme}/elsewhere", {}, "it answers 404"),
        (f"{acme}/.well-known/openid-configuration", {}, "not as OIDC_ISSUER says"),
        (strict_provider, {}, "refuses OIDC_CLIENT_ID 'desk'"),
        (
            acme,
            {"OIDC_ROLES_CLAIM": "groups", "OIDC_ROLES": "a:Editors,b:Edtors"},
            "'Edtors', and there is no",
        ),
    ]:
        state, message = found(issuer, **variables)
        assert state == State.DOWN, message
        assert words in message
    settings.OIDC_ISSUER = ""
    assert login_provider().state == State.OK
    assert {"login provider", "second factor"} <= set(doctor.Command()._checks())


def test_the_doctor_names_a_role_of_a_second_factor_that_does_not_exist(settings):
    create_groups()
    for names, state, words in [
        ([], State.OK, "is empty"),
        (["editors", "Administrators"], State.OK, "Required of editors, Administrators."),
        (
            ["Editors", "Chiefs"],
            State.DOWN,
            "'Chiefs', and there is no such role. There are: Auditors, Editors",
        ),
    ]:
        settings.REQUIRE_SECOND_FACTOR = names
        found = second_factor_roles()
        assert (found.state, words in found.message) == (state, True), found.message


def test_one_who_lost_every_role_is_outside(acme):
    client, _ = log_in(acme, PERSON | {"groups": ["desk-ed"]})
    again, refused = log_in(acme, PERSON | {"groups": []})
    assert refused["Location"] == "/admin/login/"
    assert "no access to the desk" in again.get("/admin/login/").content.decode()
    assert again.get("/admin/").status_code == 302
    assert client.get("/admin/").status_code == 302, "the session that was open, too"


def test_nobody_signs_up_without_a_role(acme):
    for claims in (PERSON, PERSON | {"groups": ["football"]}):
        client, refused = log_in(acme, claims)
        assert "No account for you here" in refused.content.decode()
        assert client.get("/admin/").status_code == 302
    assert not User.objects.filter(email="anna@example.org").exists()


def test_an_invited_person_can_come_by_the_provider_instead_of_setting_a_password(acme):
    anna = make_user("am", "Writers", email="Anna@Example.org")
    Invitation.objects.create(user=anna)
    _, entered = log_in(acme, PERSON)
    assert entered["Location"] == "/admin/desk/"
    assert not Invitation.objects.open().exists()
    assert User.objects.filter(email__iexact="anna@example.org").count() == 1


def test_an_address_that_the_provider_did_not_verify_is_no_proof(acme):
    make_user("am", "Editors", email="anna@example.org")
    for verified in (False, None, "true", 1):
        _, refused = log_in(acme, PERSON | {"email_verified": verified}, sub=f"mallory-{verified}")
        assert "No account for you here" in refused.content.decode(), verified


def test_a_deactivated_account_stays_outside(acme):
    log_in(acme, PERSON | {"groups": ["desk-ed"]})
    User.objects.update(is_active=False)
    client, refused = log_in(acme, PERSON | {"groups": ["desk-ed"]})
    assert refused["Location"] == "/admin/login/"
    assert client.get("/admin/").status_code == 302


def test_one_who_was_deactivated_before_ever_coming_by_the_provider_gets_no_new_account(acme):
    make_user("am", "Writers", email="Anna@example.org", is_active=False)
    client, refused = log_in(acme, PERSON | {"groups": ["desk-ed"]})
    assert "No account for you here" in refused.content.decode()
    assert client.get("/admin/").status_code == 302
    assert User.objects.count() == 1


def test_a_claim_inside_another_and_names_of_groups_themselves(acme, settings):
    settings.OIDC_ROLES_CLAIM, settings.OIDC_ROLES = "realm_access.roles", {}
    log_in(acme, PERSON | {"realm_access": {"roles": ["Editors", "offline_access"]}})
    assert groups_of("anna") == {"Editors"}


def test_an_answer_is_for_the_browser_that_asked_and_works_once(acme):
    mine, other = Client(), Client()
    link = come_back(acme, mine, PERSON | {"groups": ["desk-ed"]})
    begin(other)
    stolen = other.get(link)
    assert stolen.status_code == 401
    assert other.get("/admin/").status_code == 302
    assert mine.get(link).status_code == 302
    for odd in (
        "",
        "?code=x",
        "?state=x&code=x",
        "?error=access_denied",
        "?code=%00&state=%00",
        link[len(FINISH) :],
    ):
        assert Client().get(FINISH + odd).status_code in {302, 401, 502}, odd


def test_a_login_begun_elsewhere_leads_to_no_other_site(acme):
    client = Client()
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        address = begin(client, next=target)
        assert "evil" not in address
    assert client.get(BEGIN).status_code == 405
    query = parse_qs(urlsplit(address).query)
    assert {"code_challenge", "nonce", "state"} <= query.keys()
    assert query["redirect_uri"] == [f"http://testserver{FINISH}"]


def test_only_the_provider_if_so_set(acme, settings):
    settings.OIDC_ONLY = True
    user = make_user("erika", "Editors")
    user.set_password("a long secret")
    user.save()
    page = Client().get("/admin/login/").content.decode()
    assert "Log in with Acme" in page
    assert 'name="password"' not in page
    assert (
        Client().post("/admin/login/", {"username": "erika", "password": "a long secret"}).status_code == 403
    )
    assert Client().get("/admin/account/password/").status_code == 404
    invitation = Invitation.objects.create(user=user)
    page = Client().get(f"/admin/invitation/{invitation.token}/").content.decode()
    assert "Log in with Acme" in page
    assert "new_password1" not in page


def test_without_the_setting_there_is_no_such_way():
    assert Client().post(BEGIN).status_code == 404
    assert Client().get(FINISH).status_code == 404
    assert "single sign-on" not in Client().get("/admin/login/").content.decode()


@pytest.mark.parametrize(
    ("variables", "remedy"),
    [
        ({"OIDC_ISSUER": "https://id.example"}, "OIDC_CLIENT_ID"),
        ({"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": "x"}, "OIDC_CLIENT_SECRET_FILE"),
        ({"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "x"}, "https://"),
        ({"OIDC_ONLY": "on"}, "OIDC_ISSUER"),
        ({"OIDC_ROLES": "Editors"}, "desk-editors:Editors"),
        ({"OIDC_ROLES": "a:"}, "desk-editors:Editors"),
    ],
)
def test_wrong_settings_name_the_remedy(variables, remedy):
    with pytest.raises(ImproperlyConfigured, match=remedy):
        configured(**variables)


def test_the_map_of_roles_takes_colons_and_blanks():
    found = configured(OIDC_ROLES=" urn:x:ed : Editors , b:Publishers ,")
    assert found["OIDC_ROLES"] == {"urn:x:ed": "Editors", "b": "Publishers"}


# --- A provider that does wrong --------------------------------------------------------------------------


@dataclass
class Bad:
    """A provider whose answers a test chooses. `answers` maps a path to a JSON value, bytes or a function."""

    url: str
    answers: dict


@pytest.fixture
def bad(settings):
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer = answers.get(self.path)
            if callable(answer):
                answer(self)
                return
            self.send_response(200 if answer is not None else 500)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    oidc._configurations.clear()
    use(settings, url, OIDC_ROLES_CLAIM="groups")
    answers["/.well-known/openid-configuration"] = {
        "issuer": url, "authorization_endpoint": f"{url}/auth", "token_endpoint": f"{url}/token",
        "jwks_uri": f"{url}/keys", "userinfo_endpoint": f"{url}/me",
    }  # fmt: skip
    yield Bad(url, answers)
    server.shutdown()
    server.server_close()


KEYS = {name: rsa.generate_private_key(65537, 2048) for name in ("right", "wrong")}


def published():
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEYS["right"].public_key()))
    return {"keys": [key | {"kid": "1", "alg": "RS256", "use": "sig"}]}


def answer_with(bad, nonce, *, key="right", algorithm="RS256", me="1", **claims):
    now = int(time.time())
    said = {
        "iss": bad.url, "aud": "desk", "sub": "1", "iat": now, "exp": now + 60, "nonce": nonce,
        "email": "anna@example.org", "email_verified": True, "groups": ["Editors"],
    } | claims  # fmt: skip
    token = jwt.encode(said, KEYS.get(key, key), algorithm=algorithm, headers={"kid": "1"})
    bad.answers["/keys"] = published()
    bad.answers["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": token}
    bad.answers["/me"] = {"sub": me}


def returned(bad, prepare):
    client = Client()
    query = parse_qs(urlsplit(begin(client)).query)
    prepare(query["nonce"][0])
    return client, client.get(FINISH, {"code": "c", "state": query["state"][0]})


def test_a_sound_token_is_taken(bad):
    client, entered = returned(bad, lambda nonce: answer_with(bad, nonce))
    assert entered.status_code == 302, entered.content.decode()
    assert client.get("/admin/").status_code == 200


def test_a_token_that_is_not_for_this_desk_and_login_opens_nothing(bad):
    now = int(time.time())
    wrong = [
        {"key": "wrong"}, {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": now - 3600},
        {"nonce": "another"}, {"nonce": None}, {"me": "2"}, {"algorithm": "none", "key": None},
        {"algorithm": "HS256", "key": "s" * 32}, {"sub": None},
    ]  # fmt: skip
    for how in wrong:
        client, refused = returned(bad, lambda nonce, how=how: answer_with(bad, **{"nonce": nonce, **how}))
        assert refused.status_code in {401, 502}, how
        assert "did not work" in refused.content.decode()
        assert client.get("/admin/").status_code == 302
    assert not User.objects.filter(email="anna@example.org").exists()


def test_claims_that_cannot_be_stored_open_nothing_and_end_at_the_page_that_says_so(bad):
    for odd in (
        {"name": "a\0b"}, {"picture": {"deep": ["\0"]}}, {"groups": ["Editors\0"]}, {"sub": "1\0"},
        {"name": "\ud800"},
    ):  # fmt: skip
        client, refused = returned(bad, lambda nonce, odd=odd: answer_with(bad, nonce, **odd))
        assert refused.status_code in {401, 502}, odd
        assert "did not work" in refused.content.decode()
        assert client.get("/admin/").status_code == 302
    assert not User.objects.filter(email="anna@example.org").exists()


def test_what_is_no_mail_address_is_not_stored_as_one(bad):
    for number, mail in enumerate(("anna@example.org\r\nBcc: eve@example.org", "no address", ["anna@a.org"])):
        sub = f"odd-{number}"
        _, entered = returned(
            bad, lambda nonce, mail=mail, sub=sub: answer_with(bad, nonce, me=sub, sub=sub, email=mail)
        )
        assert entered.status_code == 302, mail
        user = User.objects.latest("pk")
        assert (user.email, user.username.rstrip("0123456789")) == ("", "person"), mail


def test_nonsense_of_the_provider_ends_at_a_page_that_says_so(bad):
    sound = bad.answers["/.well-known/openid-configuration"]
    for odd in (None, [], b"", b"<html>", {}, sound | {"issuer": "https://evil.example"}):
        oidc._configurations.clear()
        bad.answers["/.well-known/openid-configuration"] = odd
        assert begin(Client()).status_code == 502, odd
    oidc._configurations.clear()
    bad.answers["/.well-known/openid-configuration"] = sound
    for place in ("/token", "/keys", "/me"):
        for odd in (None, [], b"", b"{", {"keys": [{}]}, {"access_token": "a", "id_token": "x.y.z"}):

            def prepare(nonce, place=place, odd=odd):
                answer_with(bad, nonce)
                bad.answers[place] = odd

            _, refused = returned(bad, prepare)
            assert refused.status_code in {401, 502}, (place, odd)


def test_an_answer_that_drips_or_never_ends_is_given_up(bad, monkeypatch):
    monkeypatch.setattr(oidc, "DEADLINE_SECONDS", 0.3)
    ended = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not ended.wait(0.05):
                handler.wfile.write(b" ")
        except OSError:
            pass

    bad.answers["/.well-known/openid-configuration"] = drip
    started = time.monotonic()
    assert begin(Client()).status_code == 502
    ended.set()
    assert time.monotonic() - started < 5
    bad.answers["/.well-known/openid-configuration"] = b" " * (oidc.MAX_BYTES + 100_000)
    assert begin(Client()).status_code == 502


def test_a_second_factor_at_the_provider_counts(bad, settings):
    settings.REQUIRE_SECOND_FACTOR = ["Editors"]
    for methods, opens in ((["pwd", "mfa"], 200), (["pwd"], 302), ("mfa", 302)):
        client, _ = returned(bad, lambda nonce, methods=methods: answer_with(bad, nonce, amr=methods))
        assert client.get("/admin/").status_code == opens, methods
    assert client.get("/admin/account/second-factor/app/add/").status_code == 200, (
        "without a password to confirm"
    )


def test_many_answers_from_one_address_are_slowed_down(acme):
    found = [Client().get(f"{FINISH}?code=x&state=x").status_code for _ in range(oidc.LIMIT + 2)]
    assert found == [401] * oidc.LIMIT + [429] * 2
