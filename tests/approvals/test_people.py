"""People are added by one form and one link, and deactivated with their work handed over."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from approvals.access import people, sessions
from approvals.access.models import Invitation
from approvals.access.names import free_username, split_name
from approvals.audit.verification import first_failure
from approvals.errors import PersonRefused
from approvals.models import AuditEntry, ReviewLock
from contentpipeline.roles import create_groups
from tasks import handover
from tasks.navigation import items_for
from tests.callers import bearer, token_of
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

SECRET = "a long secret nobody guesses"
PEOPLE = "/admin/people/"


@pytest.fixture
def chief():
    create_groups()
    return make_user("chief", is_superuser=True)


@pytest.fixture
def desk(chief):
    client = Client()
    client.force_login(chief)
    return client


@pytest.fixture
def mails(settings):
    settings.SENDS_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


def role(name):
    return Group.objects.get(name=name)


def typed(**other):
    return {"name": "Anna Müller", "mail": "anna@example.org", "roles": [role("Editors").pk]} | other


def link_in(page):
    text = page if isinstance(page, str) else page.content.decode()
    return re.search(r"/admin/invitation/[\w-]+/", text)[0]


def added(desk, **other):
    return link_in(desk.post(f"{PEOPLE}add/", typed(**other)))


def accept(link, password=SECRET, client=None):
    return (client or Client()).post(link, {"new_password1": password, "new_password2": password})


def actions_about(user):
    return list(
        AuditEntry.objects.filter(object_type="user", object_id=user.pk)
        .order_by("seq")
        .values_list("action", flat=True)
    )


# --- Adding --------------------------------------------------------------------------------------------


def test_a_person_is_added_by_one_form_and_works_after_one_link(desk):
    link, anna = added(desk), Client()
    opened = anna.get(link)
    assert opened.status_code == 200
    assert "Anna Müller" in opened.content.decode()
    entered = accept(link, client=anna)
    assert (entered.status_code, entered["Location"]) == (302, "/admin/")
    assert anna.get(reverse("desk:queue")).status_code == 200
    user = User.objects.get(email="anna@example.org")
    assert (user.username, user.get_full_name(), user.is_staff) == ("anna", "Anna Müller", False)
    assert user.check_password(SECRET)
    assert [group.name for group in user.groups.all()] == ["Editors"]
    assert actions_about(user) == [
        "user.created", "user.changed", "user.invited", "user.password_changed", "user.invitation_accepted",
    ]  # fmt: skip
    assert first_failure() is None
    later = Client()
    for name in ("anna", "ANNA@example.org"):
        assert later.post("/admin/login/", {"username": name, "password": SECRET}).status_code == 302, name
        later.logout()


def test_the_link_is_shown_once_and_mailed_and_no_password_is(desk, mails):
    page = desk.post(f"{PEOPLE}add/", typed())
    link = link_in(page)
    assert "no-store" in page["Cache-Control"]
    assert [message.to for message in mails] == [["anna@example.org"]]
    assert link_in(mails[0].body) == link
    user = User.objects.get(email="anna@example.org")
    assert link not in desk.get(reverse("admin:person", args=[user.pk])).content.decode()
    assert not user.has_usable_password()


def test_a_mail_that_cannot_leave_is_named_and_the_link_is_still_there(desk, settings):
    settings.SENDS_MAIL, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", 9
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    page = desk.post(f"{PEOPLE}add/", typed())
    assert "could not be sent" in page.content.decode()
    assert accept(link_in(page)).status_code == 302


def test_opening_a_link_uses_nothing_up_and_setting_a_password_does(desk):
    link = added(desk)
    for _ in range(3):
        assert Client().get(link).status_code == 200
    assert accept(link, "123").status_code == 400, "a weak password is refused, and the link stays"
    assert accept(link).status_code == 302
    assert Client().get(link).status_code == 410
    assert accept(link, "another long secret").status_code == 410
    assert User.objects.get(username="anna").check_password(SECRET)


def test_links_that_ended_and_links_that_never_were_look_the_same(desk):
    link = added(desk)
    user = User.objects.get(username="anna")
    number = link.split("/")[-2].partition("-")[0]
    answers = [Client().get(f"/admin/invitation/{number}-{'0' * 64}/")]
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answers.append(Client().get(link))
    again = link_in(desk.post(reverse("admin:person_invite", args=[user.pk])))
    answers.append(Client().get(link))
    desk.post(reverse("admin:person_revoke-invitation", args=[user.pk]))
    answers.append(Client().get(again))
    answers += [Client().get(f"/admin/invitation/{token}/") for token in ("x", "9" * 30, "1-", "١-a", "-1")]
    pages = {
        (answer.status_code, re.sub(r'value="[^"]*"', "", answer.content.decode())) for answer in answers
    }
    assert {status for status, _ in pages} == {410}
    assert len(pages) == 1
    assert "user.invitation_revoked" in actions_about(user)


def test_the_table_of_invitations_alone_opens_no_account(desk, settings):
    link = added(desk)
    settings.SECRET_KEY = "another one"
    assert Client().get(link).status_code == 410


def test_a_deactivated_person_cannot_use_a_link(desk, chief):
    link = added(desk)
    people.deactivate(User.objects.get(username="anna"), successor=None, by=chief)
    assert accept(link).status_code == 410


def test_a_link_opened_where_another_person_is_logged_in_says_so_and_logs_that_one_out(desk):
    link = added(desk)
    assert "another person is logged in" in desk.get(link).content.decode()
    accept(link, client=desk)
    assert desk.get("/admin/profile/").context["person"].username == "anna"


@pytest.mark.parametrize(
    ("wrong", "field", "remedy"),
    [
        ({"name": ""}, "name", "required"),
        ({"mail": "anna"}, "mail", "valid email"),
        ({"mail": "CHIEF@example.org"}, "mail", "choose another one"),
        ({"roles": []}, "roles", "at least one role"),
        ({"roles": ["999999"]}, "roles", "999999"),
        ({"username": "Chief"}, "username", "choose another one"),
        ({"username": "a b"}, "username", "valid username"),
        ({"name": "x" * 300}, "name", "200"),
        ({"name": "a\0b"}, "name", "Null"),
    ],
)
def test_a_wrong_form_names_field_and_remedy_and_adds_nobody(desk, chief, wrong, field, remedy):
    chief.email = "chief@example.org"
    chief.save()
    before = User.objects.count()
    page = desk.post(f"{PEOPLE}add/", typed(**wrong))
    assert page.status_code == 400
    assert remedy in str(page.context["form"].errors[field])
    assert User.objects.count() == before


def test_an_administrator_needs_no_role(desk):
    accept(added(desk, roles=[], is_superuser="on"))
    assert User.objects.get(username="anna").is_superuser


def test_names_and_login_names():
    for name in ("Anna Müller", "Madonna", "José  de la Cruz", "", "x" * 400, "مريم العلي"):
        first, last = split_name(name)
        assert f"{first} {last}".strip() == " ".join(name.split())[: len(f"{first} {last}".strip())]
        assert len(first) <= 150
        assert len(last) <= 150
    make_user("anna")
    make_user("Anna2")
    assert free_username("anna@example.org") == "anna3"
    assert free_username("Anna Müller").startswith("anna.m")
    assert free_username("!!!@example.org")


# --- Who may ---------------------------------------------------------------------------------------------


def with_permissions(name, *codenames, groups=("Writers",)):
    user = make_user(name, *groups)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return user, client


VERBS = ("invite", "revoke-invitation", "deactivate", "reactivate", "reset-second-factor", "end-sessions")


def test_only_people_with_the_permissions_see_or_change_anything(chief):
    nora = make_user("nora", "Editors")
    _, editor = with_permissions("erika", groups=("Editors", "Publishers", "Auditors"))
    _, viewer = with_permissions("victor", "add_user")
    anonymous = Client()
    pages = [PEOPLE, f"{PEOPLE}add/", reverse("admin:person", args=[nora.pk])]
    verbs = [reverse(f"admin:person_{verb}", args=[nora.pk]) for verb in VERBS]
    for address in pages:
        assert editor.get(address).status_code == 403, address
        assert anonymous.get(address).status_code == 302, address
        assert viewer.get(address).status_code == 200, address
    for address in [*pages[1:], *verbs]:
        assert editor.post(address, typed(mail="new@example.org")).status_code == 403, address
        assert anonymous.post(address, {}).status_code in {302, 403}, address
    for address in [pages[2], *verbs]:
        assert viewer.post(address, typed()).status_code == 403, address
        assert viewer.get(address).status_code == (200 if address == pages[2] else 405)
    nora.refresh_from_db()
    assert nora.is_active
    shown = [item.name for item in items_for(User.objects.get(username="erika"))]
    assert "people" not in shown
    assert "people" in [item.name for item in items_for(User.objects.get(username="victor"))]


def test_nobody_gets_or_gives_more_power_than_they_have(chief):
    boss = Group.objects.create(name="Bosses")
    boss.permissions.set(Permission.objects.filter(codename="delete_user"))
    _, manager = with_permissions("maria", "add_user", "change_user")
    page = manager.get(f"{PEOPLE}add/").content.decode()
    assert "Bosses" not in page
    assert "Administrator" not in page
    assert manager.post(f"{PEOPLE}add/", typed(roles=[boss.pk])).status_code == 400
    assert manager.post(f"{PEOPLE}add/", typed(is_superuser="on")).status_code == 200
    anna = User.objects.get(username="anna")
    assert not anna.is_superuser
    for verb in ("invite", "deactivate", "end-sessions", "reset-second-factor"):
        address = reverse(f"admin:person_{verb}", args=[chief.pk])
        assert manager.post(address, {}).status_code == 403, "a manager takes over no administrator"
    anna.groups.add(boss)
    for active in (True, False):
        User.objects.filter(pk=anna.pk).update(is_active=active)
        for address in (
            reverse("admin:person", args=[anna.pk]),
            reverse("admin:person_invite", args=[anna.pk]),
            reverse("admin:person_reactivate", args=[anna.pk]),
            reverse("admin:auth_user_password_change", args=[anna.pk]),
        ):
            assert manager.post(address, typed(mail="maria@example.org")).status_code == 403, address
    assert {group.name for group in anna.groups.all()} == {"Bosses", "Editors"}


def test_the_admins_own_form_makes_no_administrators_either(chief):
    maria, manager = with_permissions("maria", "view_user", "change_user")
    change = reverse("admin:auth_user_change", args=[chief.pk])
    assert manager.post(change, {"username": "chief"}).status_code == 403
    assert manager.post(reverse("admin:auth_user_password_change", args=[chief.pk]), {}).status_code == 403
    page = manager.get(reverse("admin:auth_user_change", args=[maria.pk])).content.decode()
    assert 'name="is_superuser"' not in page
    assert 'name="user_permissions"' not in page


# --- Changing and deactivating ---------------------------------------------------------------------------


def test_roles_are_changed_on_the_page_of_the_person(desk):
    accept(added(desk))
    anna = User.objects.get(username="anna")
    page = reverse("admin:person", args=[anna.pk])
    both = [role("Editors").pk, role("Publishers").pk]
    assert desk.post(page, typed(name="Anna Meier", roles=both)).status_code == 302
    anna.refresh_from_db()
    assert anna.get_full_name() == "Anna Meier"
    assert anna.groups.count() == 2
    assert desk.post(page, typed(roles=[])).status_code == 400
    assert anna.groups.count() == 2


def test_deactivation_ends_everything_at_once_and_hands_work_over(desk, chief):
    anna, emil = make_user("anna", "Editors"), make_user("emil", "Editors")
    browser, token = Client(), token_of("anna", "editor")
    browser.force_login(anna)
    assert browser.get("/admin/").status_code == 200
    draft = make_draft()
    now = timezone.now()
    ReviewLock.objects.create(draft=draft, reviewer=anna, locked_at=now, expires_at=now + timedelta(hours=1))
    seen = []
    handover.register(lambda old, new: seen.append((old, new)))
    try:
        address = reverse("admin:person_deactivate", args=[anna.pk])
        assert desk.post(address, {"successor": emil.pk}).status_code == 302
    finally:
        handover._registered.pop()
    assert seen == [(anna, emil)]
    assert browser.get("/admin/").status_code == 302
    assert bearer(token).get("/api/tasks/").status_code == 401
    assert not AuthToken.objects.filter(user=anna).exists()
    assert not ReviewLock.objects.filter(reviewer=anna).exists()
    assert actions_about(anna)[-4:] == [
        "user.deactivated", "user.token_revoked", "user.sessions_ended", "user.work_handed_over",
    ]  # fmt: skip
    assert AuditEntry.objects.get(action="user.work_handed_over").data["successor"] == "emil"
    desk.post(reverse("admin:person_reactivate", args=[anna.pk]))
    anna.refresh_from_db()
    assert anna.is_active
    assert browser.get("/admin/").status_code == 302, "a session that ended stays ended"


def test_nobody_is_locked_out_of_the_desk(desk, chief):
    desk.post(reverse("admin:person_deactivate", args=[chief.pk]))
    chief.refresh_from_db()
    assert chief.is_active, "not oneself"
    other = make_user("other", is_superuser=True)
    people.deactivate(other, successor=None, by=chief)
    with pytest.raises(PersonRefused):
        people.change(chief, name="", mail="", groups=[], is_superuser=False, by=chief)
    with pytest.raises(PersonRefused):
        people.deactivate(make_user("nora"), successor=other, by=chief)


def test_a_failed_handover_leaves_the_account_as_it_was(chief):
    anna = make_user("anna", "Editors")

    def fail(old, new):
        raise RuntimeError("no")

    handover.register(fail)
    try:
        with pytest.raises(RuntimeError):
            people.deactivate(anna, successor=None, by=chief)
    finally:
        handover._registered.pop()
    anna.refresh_from_db()
    assert anna.is_active


# --- The list ----------------------------------------------------------------------------------------------


def test_a_longer_list_takes_no_more_queries(desk, django_assert_max_num_queries):
    for number in range(60):
        make_user(f"person{number}", "Editors")
    desk.get(PEOPLE)
    with django_assert_max_num_queries(14):
        page = desk.get(PEOPLE)
    assert len(page.context["people"]) == 50
    assert "Page 1 of 2" in page.content.decode()
    for odd in ("?page=x", "?page=99", "?show=nonsense", "?q=%00", "?q=person1+edit", "?page=-1"):
        assert desk.get(PEOPLE + odd).status_code == 200, odd
    assert [each.username for each in desk.get(f"{PEOPLE}?q=person59").context["people"]] == ["person59"]
    people.deactivate(
        User.objects.get(username="person59"), successor=None, by=User.objects.get(username="chief")
    )
    assert not desk.get(f"{PEOPLE}?q=person59").context["people"]
    assert desk.get(f"{PEOPLE}?q=person59&show=inactive").context["people"]


# --- Sessions ----------------------------------------------------------------------------------------------


def browsing(user, agent):
    client = Client(headers={"user-agent": agent})
    client.force_login(user)
    assert client.get("/admin/profile/").status_code == 200
    return client


def test_own_sessions_are_listed_and_ended_one_by_one_or_all(chief):
    anna = make_user("anna", "Editors")
    here = browsing(anna, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    there = browsing(anna, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605.1")
    third = browsing(anna, "curl/8")
    stranger = browsing(make_user("emil", "Editors"), "Chrome/1")
    listed = here.get("/admin/profile/").context["sessions"]
    assert {(each.browser, each.is_current) for each in listed} == {
        ("Firefox on Linux", True), ("Safari on iPhone", False), ("curl/8", False),
    }  # fmt: skip
    [phone] = [each.row.pk for each in listed if "iPhone" in each.browser]
    [other] = sessions.open_sessions(User.objects.get(username="emil"))
    end = reverse("admin:end_sessions")
    for number in (other.row.pk, "x", "", "9" * 40):
        here.post(end, {"session": number})
    assert stranger.get("/admin/profile/").status_code == 200, "nobody ends the session of another person"
    here.post(end, {"session": phone})
    assert there.get("/admin/profile/").status_code == 302
    here.post(end, {"session": "others"})
    assert third.get("/admin/profile/").status_code == 302
    assert here.get("/admin/profile/").status_code == 200
    assert actions_about(anna)[-2:] == ["user.sessions_ended"] * 2


def test_an_administrator_ends_all_sessions_also_those_that_were_never_listed(desk):
    anna = make_user("anna", "Editors")
    used, unused = browsing(anna, "Firefox/1"), Client()
    unused.force_login(anna)
    assert "Firefox" in desk.get(reverse("admin:person", args=[anna.pk])).content.decode()
    desk.post(reverse("admin:person_end-sessions", args=[anna.pk]))
    assert [client.get("/admin/").status_code for client in (used, unused)] == [302, 302]
