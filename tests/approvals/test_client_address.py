"""Where a request comes from: nothing is believed that a client could have written."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from approvals.access import middleware
from approvals.access.addresses import client_address, network_of
from contentpipeline import env

PROXIES = ["10.0.0.0/8", "192.0.2.1", "fd00::/8"]


@pytest.mark.parametrize(
    ("peer", "header", "expected"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # a stranger says so
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the left one was sent by the client
        ("10.0.0.2", "1.1.1.1, 203.0.113.9, 192.0.2.1, 10.9.9.9", "203.0.113.9"),
        ("10.0.0.2", "10.0.0.3, 10.0.0.4", "10.0.0.3"),
        ("10.0.0.2", None, "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.9, nonsense", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.9, unknown, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.2", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.2", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.2", " 2001:DB8::7 ", "2001:db8::7"),
        ("::ffff:10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("", "203.0.113.9", ""),
        ("nonsense", "203.0.113.9", ""),
        ("10.0.0.2", ",".join(["203.0.113.9"] * 2000), "203.0.113.9"),
    ],
)
def test_the_header_is_read_from_the_right_as_far_as_trust_goes(settings, peer, header, expected):
    settings.TRUSTED_PROXIES = PROXIES
    sent = {} if header is None else {"HTTP_X_FORWARDED_FOR": header}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **sent)) == expected


def test_by_default_nobody_is_believed():
    for peer in ("127.0.0.1", "10.0.0.2", "::1"):
        asked = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")
        assert client_address(asked) == peer


def test_a_network_of_64_bits_is_one_client():
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::7") != network_of("2001:db8:1:2::7")
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("") == ""


@pytest.mark.parametrize("peer", ["10.0.0.2", "198.51.100.7"])
def test_only_a_trusted_proxy_says_that_a_request_came_over_https(db, settings, peer):
    settings.TRUSTED_PROXIES = PROXIES
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    answer = Client().get("/about/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
    assert ("Strict-Transport-Security" in answer) == (peer == "10.0.0.2")


def test_a_proxy_missing_from_the_setting_is_logged_once(db, caplog, monkeypatch):
    monkeypatch.setattr(middleware, "_warned_about", set())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            Client().get("/about/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="203.0.113.9")
    warnings = [record.getMessage() for record in caplog.records if "TRUSTED_PROXIES" in record.getMessage()]
    assert len(warnings) == 1
    assert warnings[0].startswith("10.0.0.2 forwards requests")


def test_the_setting_lists_addresses_and_networks(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", " 10.0.0.0/8, 192.0.2.1 ,fd00::/8,")
    assert env.networks("TRUSTED_PROXIES") == PROXIES
    for wrong in ("proxy.example", "10.0.0.0/40", "10.0.0.1 10.0.0.2"):
        monkeypatch.setenv("TRUSTED_PROXIES", wrong)
        with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES must list addresses or networks"):
            env.networks("TRUSTED_PROXIES")
