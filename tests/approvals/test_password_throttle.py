"""Guessing passwords is throttled for the one who guesses, and for nobody else."""

import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import connections
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import reverse

from approvals.access import passwords, records
from approvals.access.middleware import PasswordThrottleMiddleware
from approvals.access.models import PasswordFailures
from approvals.access.passwords import TooManyAttempts
from approvals.audit.verification import first_failure
from approvals.models import AuditEntry
from contentpipeline.api import problem_details
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LOGIN, SECRET = "/admin/login/", "a long secret"
HOME, STRANGER = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def erika():
    return with_password("erika")


def with_password(name, secret=SECRET):
    user = make_user(name, "Editors")
    user.set_password(secret)
    user.save()
    return user


def log_in(name="erika", password="wrong", address=STRANGER, client=None, **headers):
    typed = {"username": name, "password": password, "next": "/admin/"}
    return (client or Client()).post(LOGIN, typed, REMOTE_ADDR=address, **headers)


def statuses(amount, **how):
    return [log_in(**how).status_code for _ in range(amount)]


def limits():
    return list(AuditEntry.objects.filter(action="login.limited").order_by("seq"))


def later(**span):
    """As if so much time had passed."""
    PasswordFailures.objects.update(
        blocked_until=F("blocked_until") - timedelta(**span), ends_at=F("ends_at") - timedelta(**span)
    )


# --- Someone who guesses ---


def test_forty_wrong_passwords_are_not_forty_guesses_and_the_right_one_has_to_wait_too(erika):
    assert statuses(40) == [200] * 5 + [429] * 35
    answer = log_in(password=SECRET)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 30
    page = answer.content.decode()
    assert re.search(r"Too many attempts with a wrong password\. Try again in \d+ seconds?\.", page)
    assert 'value="erika"' in page, "what was typed is still there"
    assert SECRET not in page
    later(seconds=30)
    assert log_in(password=SECRET).status_code == 302


def test_each_further_failure_waits_twice_as_long(erika):
    statuses(5)
    waits = []
    for _ in range(9):
        wait = int(log_in()["Retry-After"])
        waits.append(wait)
        later(seconds=wait - 1)
        assert log_in().status_code == 429
        later(seconds=2)
        assert log_in().status_code == 200
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    later(hours=25)
    assert statuses(6) == [200] * 5 + [429], "after a day without a failure it starts again"


def test_a_refused_attempt_makes_nobody_wait_longer(erika):
    statuses(5)
    before = list(PasswordFailures.objects.order_by("key").values())
    statuses(10)
    assert list(PasswordFailures.objects.order_by("key").values()) == before


def test_the_right_password_ends_the_count(erika):
    for _ in range(5):
        assert statuses(4) == [200] * 4
        assert log_in(password=SECRET).status_code == 302


def test_accounts_that_are_not_there_are_answered_in_the_same_way(erika):
    make_user("program", "Integrations")
    answers = {name: [log_in(name) for _ in range(7)] for name in ("erika", "nobody", "program", "ERIKA ")}
    for name, found in answers.items():
        if name == "ERIKA ":
            assert {answer.status_code for answer in found} == {429}, "it is meant for the same account"
            continue
        assert [answer.status_code for answer in found] == [200] * 5 + [429] * 2
        shown = [re.sub(r'value="[^"]*"|\d+ seconds?', "", one.content.decode()) for one in found]
        if name == "erika":
            expected = shown
        assert shown == expected
    assert len(limits()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_hundred_at_once_are_no_more_guesses_than_one_after_another(erika):
    found = []

    def guess():
        found.append(log_in().status_code)
        connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 5 + [429] * 25


def test_a_list_of_accounts_is_stopped_by_the_network(erika):
    for number in range(50):
        assert log_in(f"user{number}", address=f"2001:db8:1:2::{number}").status_code == 200
    answer = log_in("another", address="2001:db8:1:2:ffff::1")
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 600
    assert log_in("another", address="2001:db8:1:3::1").status_code == 200
    later(seconds=600)
    assert log_in("another", address="2001:db8:1:2::1").status_code == 200


def test_a_header_that_anybody_can_write_is_no_other_address(erika, settings):
    found = [log_in(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}").status_code for number in range(7)]
    assert found == [200] * 5 + [429] * 2
    settings.TRUSTED_PROXIES = [STRANGER]
    assert log_in(HTTP_X_FORWARDED_FOR="192.0.2.1").status_code == 200
    found = [log_in(HTTP_X_FORWARDED_FOR=f"1.2.3.{number}, 192.0.2.2").status_code for number in range(7)]
    assert found == [200] * 5 + [429] * 2


# --- The owner ---


def test_a_stranger_does_not_lock_out_the_owner(erika):
    statuses(8)
    assert log_in(password=SECRET, address=HOME).status_code == 302


def test_nor_do_strangers_at_a_hundred_addresses(erika, monkeypatch):
    device, other = Client(), "192.0.2.33"
    assert log_in(password=SECRET, address=HOME, client=device).status_code == 302
    monkeypatch.setitem(passwords.LIMITS, "account", passwords.Limit(10, 3600))
    assert [log_in(address=f"198.51.100.{number}").status_code for number in range(12)] == (
        [200] * 10 + [429] * 2
    )
    del device.cookies["sessionid"]
    assert log_in(password=SECRET, address=other).status_code == 429, "from where nobody has logged in yet"
    assert log_in(password=SECRET, address=HOME).status_code == 302, "from a network that has logged in"
    assert log_in(password=SECRET, address=other, client=device).status_code == 302, "or with what"
    later(seconds=3600)
    assert log_in(password=SECRET, address="192.0.2.34").status_code == 302


def test_a_stranger_in_the_same_network_does_not_either(erika):
    device = Client()
    assert log_in(password=SECRET, address=HOME, client=device).status_code == 302
    del device.cookies["sessionid"]
    statuses(8, address=HOME)
    assert log_in(password=SECRET, address=HOME).status_code == 429
    assert log_in(password=SECRET, address=HOME, client=device).status_code == 302


def test_a_device_is_counted_for_itself(erika):
    device = Client()
    log_in(password=SECRET, client=device)
    assert statuses(7, client=device) == [200] * 5 + [429] * 2
    assert log_in(password=SECRET, client=device).status_code == 429


def test_the_cookie_of_a_device_is_for_one_account_and_cannot_be_made_up(erika):
    with_password("emil")
    device = Client()
    answer = log_in(password=SECRET, client=device)
    [(name, cookie)] = [(name, value) for name, value in answer.cookies.items() if name.startswith("device_")]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/admin/")
    assert "erika" not in name + cookie.value
    assert passwords.devices.device_of(asking(cookies={name: cookie.value}), "erika")
    for forged in (cookie.value[:-1] + "x", "", "a:b:c", cookie.value.replace(":", ".")):
        assert not passwords.devices.device_of(asking(cookies={name: forged}), "erika")
    of_emil = passwords.devices._name("emil")
    assert not passwords.devices.device_of(asking(cookies={of_emil: cookie.value}), "emil")


def asking(cookies=None, path="/admin/login/"):
    request = RequestFactory().post(path, REMOTE_ADDR=STRANGER)
    request.COOKIES.update(cookies or {})
    return request


# --- What is recorded ---


def test_one_entry_says_who_was_tried_from_where_and_not_with_what(erika):
    statuses(8, password="my dog's name")
    log_in("nobody")
    [entry] = limits()
    assert (entry.object_type, entry.object_id, entry.actor_id, entry.actor_name) == (
        "user", erika.pk, None, "unknown",
    )  # fmt: skip
    assert entry.data == {
        "username": "erika", "address": STRANGER, "network": STRANGER, "path": LOGIN, "limit": "client",
        "failures": 5, "seconds": 30,
    }  # fmt: skip
    assert "dog" not in str(entry.data)
    assert first_failure() is None


def test_the_chain_is_not_filled_by_many(monkeypatch):
    monkeypatch.setattr(records, "ENTRIES_AN_HOUR", 3)
    for number in range(6):
        statuses(5, name=f"user{number}", address=f"198.51.100.{number}")
    assert len(limits()) == 3
    assert "only in the log" in limits()[-1].data["note"]


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\udcff", "' OR 1=1 --", "日本"])
def test_whatever_is_typed_as_a_name_is_counted(name):
    request = asking()
    for _ in range(5):
        passwords.begin(request, name)
    with pytest.raises(TooManyAttempts):
        passwords.begin(request, name)
    assert len(limits()) == 1


def test_the_table_shows_neither_account_nor_address(erika):
    statuses(1)
    stored = str(list(PasswordFailures.objects.values()))
    assert "erika" not in stored
    assert STRANGER not in stored


# --- Other doors ---


def test_changing_a_password_is_throttled_too(erika):
    client = Client()
    client.force_login(erika)
    page = reverse("admin:password_change")

    def change(old):
        new = "another long secret"
        return client.post(page, {"old_password": old, "new_password1": new, "new_password2": new})

    found = [change("wrong") for _ in range(7)]
    assert [answer.status_code for answer in found] == [200] * 5 + [429] * 2
    assert "Too many attempts" in found[-1].content.decode()
    refused = change(SECRET)
    assert (refused.status_code, 1 <= int(refused["Retry-After"]) <= 30) == (429, True)
    assert limits()[0].actor_id == erika.pk
    later(seconds=30)
    assert change(SECRET).status_code == 302


def test_any_form_that_asks_for_a_password_gets_the_page(erika):
    request = asking(path="/admin/somewhere/")
    request.user = erika
    for _ in range(5):
        assert authenticate(request, username="erika", password="wrong") is None
    with pytest.raises(TooManyAttempts) as refused:
        authenticate(request, username="erika", password=SECRET)
    answer = PasswordThrottleMiddleware(lambda request: None).process_exception(request, refused.value)
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert "Try again in 30 seconds." in answer.content.decode()
    over_api = problem_details(refused.value, {"request": request, "view": None})
    assert (over_api.status_code, over_api["Retry-After"]) == (429, "30")


def test_commands_are_not_slowed_down(erika):
    for _ in range(10):
        assert authenticate(username="erika", password="wrong") is None
    assert authenticate(username="erika", password=SECRET) == erika


def test_an_account_that_may_not_log_in_is_counted_though_the_password_is_right():
    user = make_user("nora")
    user.set_password(SECRET)
    user.save()
    assert statuses(7, name="nora", password=SECRET) == [200] * 5 + [429] * 2


@pytest.mark.django_db(transaction=True)
def test_it_holds_for_the_role_of_the_application(erika, as_application):
    assert statuses(6) == [200] * 5 + [429]
    assert log_in(password=SECRET, address=HOME).status_code == 302


def test_a_form_that_the_login_page_carries_is_not_lost_by_waiting(erika):
    carried = '["/admin/notices/", "/admin/notices/", [["decision", "the words that were typed"]], []]'
    typed = {"username": "erika", "password": "wrong", "next": "/admin/notices/", "unsent": carried}
    found = [Client().post(LOGIN, typed, REMOTE_ADDR=STRANGER) for _ in range(6)]
    assert found[-1].status_code == 429
    assert "the words that were typed" in found[-1].content.decode()
