"""People, second factors and passkeys in a real browser, on screens of all widths."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from approvals.access.models import Invitation
from contentpipeline.roles import create_groups
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.approvals.test_version_pages_look import look
from tests.factories import make_user

pytestmark = pytest.mark.slow

SECRET = "a long secret nobody guesses"
LONG = "Wolfeschlegelsteinhausenbergerdorff-" * 4


@pytest.fixture
def complaints(page: Any, transactional_db: None) -> list[str]:
    """What the browser complains of, such as scripts that the content policy refuses."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def crowd() -> User:
    create_groups()
    for number in range(4):
        make_user(f"person{number}", "Editors", "Publishers", first_name="مريم", last_name="العلي")
    anna = make_user("anna", "Writers", first_name=LONG[:150], email=f"{'a' * 60}@example.org")
    gone = make_user("gone", "Auditors")
    gone.is_active = False
    gone.save()
    Invitation.objects.create(user=anna)
    TOTP.activate(anna, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(anna)
    return anna


def test_every_page_of_people_and_access_is_whole_on_every_screen(
    live_server: Any, page: Any, complaints: list[str]
) -> None:
    anna = crowd()
    chief = log_in(page, live_server.url, "chief", "Editors", at="/admin/profile/")
    User.objects.filter(pk=chief.pk).update(is_superuser=True)
    TOTP.activate(chief, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(chief)
    pages = {
        "people": reverse("admin:people"), "add": reverse("admin:add_person"),
        "profile": reverse("admin:profile"),
        "person": reverse("admin:person", args=[anna.pk]), "factors": reverse("mfa_index"),
        "codes": reverse("mfa_view_recovery_codes"), "passkey": reverse("mfa_add_webauthn"),
        "new-codes": reverse("mfa_generate_recovery_codes"), "remove": reverse("mfa_deactivate_totp"),
    }  # fmt: skip
    check(page, live_server.url, pages)
    Authenticator.objects.filter(user=chief).delete()
    check(page, live_server.url, {"app": reverse("mfa_activate_totp")})
    page.context.clear_cookies()
    token = Invitation.objects.get().token
    outside = {
        "login": "/admin/login/", "invitation": reverse("admin:invitation", args=[token]),
        "ended": reverse("admin:invitation", args=["x"]), "reset": reverse("admin_password_reset"),
    }  # fmt: skip
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    check(page, live_server.url, outside)
    assert [each for each in complaints if "410" not in each] == []


def check(page: Any, url: str, pages: dict[str, str]) -> None:
    for name, address in pages.items():
        for width in (320, 1360):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(url + address)
            look(page, f"people-{name}-{width}")
            wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wider) <= 0, (name, width)
            assert accessibility_problems(page) == [], (name, width)


def test_a_passkey_is_added_opens_the_desk_alone_and_is_a_second_factor(
    live_server: Any, page: Any, complaints: list[str]
) -> None:
    create_groups()
    erika = log_in(page, live_server.url, "erika", "Editors", at="/admin/profile/")
    page.context.clear_cookies()
    local = live_server.url.replace("127.0.0.1", "localhost")  # passkeys are for names, not for numbers
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, local)
    page.goto(f"{local}{reverse('mfa_add_webauthn')}")
    page.fill("#id_name", "Laptop")
    page.check("#id_passwordless")
    page.click("#passkey")
    arrive(page, "/recovery-codes/")
    assert Authenticator.objects.filter(user=erika, type="webauthn").count() == 1
    page.context.clear_cookies()
    page.goto(f"{local}/admin/login/?next=/admin/profile/")
    page.click("#passkey")
    arrive(page, "/admin/profile/")
    page.context.clear_cookies()
    sign_in(page, local, at="/second-factor/code/")
    page.click("#passkey")
    arrive(page, "/admin/profile/")
    assert complaints == []


def sign_in(page: Any, url: str, at: str = "/admin/profile/") -> None:
    page.goto(f"{url}/admin/login/?next=/admin/profile/")
    page.fill("#id_username", "erika")
    page.fill("#id_password", "secret")
    page.press("#id_password", "Enter")
    arrive(page, at)


def arrive(page: Any, at: str) -> None:
    page.wait_for_url(lambda url: url.endswith(at) and "/login/" not in url)


def test_without_scripts_everything_but_passkeys_works(
    live_server: Any, browser: Any, transactional_db: None
) -> None:
    anna = crowd()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}{reverse('admin:invitation', args=[Invitation.objects.get().token])}")
    page.fill("#id_new_password1", SECRET)
    page.fill("#id_new_password2", SECRET)
    page.click("text=Set password and log in")
    page.wait_for_url("**/second-factor/code/")
    code = RecoveryCodes.activate(anna).get_unused_codes()[0]
    page.fill("#id_code", code)
    page.press("#id_code", "Enter")
    page.wait_for_url("**/admin/")
    page.goto(f"{live_server.url}/admin/login/")
    context.close()
