"""Random walks of a real browser through the desk: is any typed word lost, is any page at fault?

A walk is reproduced by its number in a database that is made for it alone, as far as the browser and the
server take the same turns; `Walk.steps` says what it did. Words are safe when they are in the database, in a
field of a page, or in what the browser stored and a page offers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Error

from tasks.actions import edit_draft
from tasks.models import Draft
from tests.factories import make_user

PASSWORD = "a long secret of nobody"
MARK = "data-walk"
CHOOSABLE = f"""(kind, selector, isMeant, label) => [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility() && !one.disabled && !one.closest("[inert]") && isMeant(one))
    .map((one, at) => {{ one.setAttribute("{MARK}", `${{kind}}-${{at}}`); return label(one); }})"""
"""Marks what a person could use, and returns what it is called."""
TEXT = "(one) => (one.textContent.trim() || one.value || one.ariaLabel || '').slice(0, 60)"
LINKS = f"""(kind) => ({CHOOSABLE})(kind, "a[href]", (link) => link.origin === location.origin
    && !link.hasAttribute("download") && !link.target && (!link.hash || link.pathname !== location.pathname),
    (link) => link.getAttribute("href"))"""
BUTTONS = f"""(kind) => ({CHOOSABLE})(
    kind, "button, input[type=submit], summary, [role=tab]", () => true, {TEXT})"""
FIELDS = f"""(kind) => ({CHOOSABLE})(kind, "form[method=post i] textarea, form[method=post i] input",
    (one) => !one.readOnly && ["text", "textarea"].includes(one.type)
        && one.name && !/pass|code|token|username/i.test(one.name) && !one.closest("[data-autosave=off]"),
    (one) => one.name)"""
SENDS = f"""(kind) => ({CHOOSABLE})(
    kind, "form[method=post i] [type=submit], form[method=post i] button:not([type])",
    (one) => [...one.form.elements].some((field) => /walked/.test(field.value)), {TEXT})"""
SHOWN = """() => [document.body.innerText,
    ...[...document.querySelectorAll("input, textarea, select")].map((one) => one.value),
    ...[...document.querySelectorAll(".unsent")].map((one) => one.textContent)].join("\\n")"""
STORED = (
    """() => Object.entries(localStorage).filter(([key]) => key.startsWith("unsent:")).flat().join("\\n")"""
)
DISCARDS = re.compile(r"discard|log ?out|delete|dismiss|withdraw", re.IGNORECASE)
EXPECTED_ERRORS = re.compile(
    r"Failed to load resource|net::ERR_|inline style.*Content Security Policy|"
    r"Content Security Policy.*style-src"
)
TOOLBAR_KEYS = (
    "Control+b", "Control+i", "Control+e", "Control+Alt+2", "Control+Shift+8", "Control+z", "Control+f",
    "Escape", "Tab", "Enter",
)  # fmt: skip


@dataclass
class Typed:
    """A word, and the page with its field."""

    word: str
    path: str
    name: str


@dataclass
class Walk:
    """One person, one browser, some steps."""

    number: int
    url: str
    browser: Any
    role: str
    has_scripts: bool = True
    steps: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    typed: list[Typed] = field(default_factory=list)
    is_disturbed: bool = False
    follows: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.number)
        self.user = make_user(f"walker{self.number}", self.role, is_staff=True)
        self.user.password = PBKDF2PasswordHasher().encode(
            PASSWORD, "salt", iterations=1000
        )  # the server's own
        self.user.save()
        self.context = self.browser.new_context(java_script_enabled=self.has_scripts)
        self.context.set_default_timeout(6000)
        self.open_tab()

    def open_tab(self) -> None:
        self.page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.on("pageerror", lambda error: self.fault(f"uncaught: {error}"))
        self.page.on("console", self.hear)
        self.page.on("response", self.look)

    def fault(self, words: str) -> None:
        self.faults.append(f"{words} at {urlsplit(self.page.url).path}")

    def hear(self, said: Any) -> None:
        if said.type == "error" and not EXPECTED_ERRORS.search(said.text):
            self.fault(f"console: {said.text}")

    def look(self, response: Any) -> None:
        path = urlsplit(response.url).path
        if response.status >= 500:
            self.fault(f"status {response.status} of {response.request.method} {path}")
        is_followed = self.follows and not self.is_disturbed and response.request.is_navigation_request()
        if response.status in (403, 404) and is_followed:
            self.fault(f"status {response.status} of {path}, shown as {self.follows}")

    def log_in_by_cookie(self) -> None:
        client = Client()
        self.user.refresh_from_db()  # the server may have hashed its password again
        client.force_login(self.user)
        self.context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.url}]
        )
        self.is_disturbed = False

    def ask(self, script: str, given: str = "") -> Any:
        """What the page says, once it is there."""
        for _ in range(20):
            try:
                return self.page.evaluate(script, given)
            except Error:  # it is being left
                self.page.wait_for_timeout(100)
        return self.page.evaluate(script, given)

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path, wait_until="load", timeout=30_000)

    def run(self, steps: int) -> None:
        self.log_in_by_cookie()
        self.goto(self.random.choice(self.starts()))
        for _ in range(steps):
            self.step()
        self.page.wait_for_timeout(50)

    def step(self) -> None:
        if self.page.locator("#id_password").count() and self.page.locator("#id_username").count():
            return self.do(self.log_in)
        if not self.page.url.startswith(self.url):
            return self.do(self.start_again)
        has_fields = bool(self.ask(FIELDS, "any"))
        is_editor = bool(self.page.locator("#id_body:visible").count())
        choices: list[tuple[int, Callable[[], None]]] = [
            (9 * has_fields, self.type), (5, self.follow), (5, self.press), (3 * has_fields, self.send),
            (3 * is_editor, self.use_toolbar), (1, self.palette), (1, self.reload), (1, self.back),
            (1, self.forward), (2 * is_editor, self.save_by_keys), (1, self.lose_session),
            (1, self.change_token), (1 + is_editor, self.edited_by_another), (1, self.reopen),
            (2, self.start_again),
        ]  # fmt: skip
        weights, actions = zip(*choices, strict=True)
        return self.do(self.random.choices(actions, weights)[0])

    def do(self, action: Callable[[], None]) -> None:
        self.steps.append(action.__name__)
        try:
            action()
            self.page.wait_for_load_state("load")
        except Exception as error:  # what cannot be clicked at this moment is no fault
            self.steps[-1] += f" ({type(error).__name__}: {str(error)[:60]!r})"
            for _ in range(2):
                self.page.keyboard.press("Escape")  # what is open over the page
            if "crash" in str(error).lower():
                self.fault(f"crash: {error}")
        finally:
            self.follows = ""
        self.steps[-1] += f" -> {urlsplit(self.page.url).path}"
        if not self.has_scripts:
            self.typed = [one for one in self.typed if one.word in self.shown()]

    def note(self, words: str) -> None:
        self.steps[-1] += f" {words!r}"

    def marked(self, kind: str, script: str) -> tuple[Any, str]:
        kind = f"{kind}{len(self.steps)}"
        found = self.ask(script, kind)
        at = self.random.randrange(len(found))
        self.note(found[at])
        return self.page.locator(f"[{MARK}='{kind}-{at}']"), found[at]

    def log_in(self) -> None:
        self.page.fill("#id_username", self.user.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.press("#id_password", "Enter")
        self.page.wait_for_load_state("load")
        self.is_disturbed = False

    def type(self) -> None:
        one, name = self.marked("field", FIELDS)
        word = f"walked{self.number}x{len(self.steps)}x{self.random.randrange(10**6)}"
        one.click(timeout=500)
        one.press("End")
        one.press_sequentially(f" {word}", delay=0)
        self.typed.append(Typed(word, self.path, name))

    @property
    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def follow(self) -> None:
        one, address = self.marked("link", LINKS)
        self.follows = f"the link {address!r} to {self.role}"
        one.click(timeout=500)

    def press(self) -> None:
        self.click(*self.marked("button", BUTTONS))

    def send(self) -> None:
        """One of the forms that were typed into, if there is one."""
        self.click(*self.marked("send", SENDS))

    def click(self, one: Any, label: str) -> None:
        if DISCARDS.search(label):
            self.typed = [typed for typed in self.typed if typed.word not in self.everywhere()]
        sent = [typed for typed in self.typed if typed.word in self.shown()]
        self.follows = f"the button {label!r} to {self.role}"
        one.click(timeout=500)
        self.page.wait_for_timeout(150)
        self.page.wait_for_load_state("load")
        if not self.has_scripts:
            for typed in sent:
                if not is_saved(typed.word) and typed.word not in self.shown():
                    self.faults.append(f"lost without scripts: {typed} by {label!r}: {self.path}")

    def use_toolbar(self) -> None:
        self.page.focus("#id_body", timeout=500)
        self.page.keyboard.press(self.random.choice(TOOLBAR_KEYS))
        self.forget_undone()

    def forget_undone(self) -> None:
        """Undo is the person's own: what it took out of the field is not lost."""
        if self.page.locator("#id_body").count():
            self.page.wait_for_timeout(350)
            found = self.everywhere()
            self.typed = [one for one in self.typed if one.name != "body" or one.word in found]

    def palette(self) -> None:
        self.page.keyboard.press("Control+k")
        self.page.wait_for_timeout(100)
        self.page.keyboard.type(self.random.choice(["tree", "cal", "brief", "waiting", "<b>"]))
        self.page.keyboard.press(self.random.choice(["Enter", "Escape", "ArrowDown"]))

    def save_by_keys(self) -> None:
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(200)

    def reload(self) -> None:
        self.page.reload()

    def back(self) -> None:
        self.page.go_back(timeout=3000)

    def forward(self) -> None:
        self.page.go_forward(timeout=3000)

    def lose_session(self) -> None:
        keys = [one["value"] for one in self.context.cookies() if one["name"] == "sessionid"]
        Session.objects.filter(session_key__in=keys).delete()
        self.is_disturbed = True

    def change_token(self) -> None:
        self.context.clear_cookies(name="csrftoken")
        self.is_disturbed = True

    def edited_by_another(self) -> None:
        number = re.search(r"/desk/(\d+)/", self.page.url)
        draft = Draft.objects.filter(pk=int(number[1])).first() if number else None
        if draft is not None:
            content = {"summary": f"Another one's {self.random.random()}."}
            edit_draft(draft, content, by=make_user("walter", "Editors"))

    def reopen(self) -> None:
        url = self.page.url
        self.page.close()
        self.open_tab()
        self.page.goto(url)

    def start_again(self) -> None:
        self.goto(self.random.choice(self.starts()))

    def starts(self) -> list[str]:
        draft = self.random.choice(Draft.objects.order_by("pk").values_list("pk", flat=True))
        return [
            reverse("admin:index"), reverse("desk:queue"), reverse("admin:tasks_contenttask_changelist"),
            reverse("admin:tasks_contenttask_add"), reverse("publishing_desk:calendar"),
            reverse("publishing_desk:published"), reverse("publishing_desk:images"), reverse("desk:guidance"),
            reverse("desk:edit", args=[draft]), reverse("desk:edit", args=[draft]),
            reverse("desk:review", args=[draft]), reverse("admin:profile"),
        ]  # fmt: skip

    def shown(self) -> str:
        if self.has_scripts:
            return str(self.ask(SHOWN))
        return str(self.page.content())

    def stored(self) -> str:
        return str(self.ask(STORED)) if self.has_scripts else ""

    def everywhere(self) -> str:
        return self.shown() + self.stored()

    def finish(self) -> list[str]:
        """Faults, after each word that is not saved was looked for on the page where it was typed."""
        shown, stored = self.shown(), self.stored()
        waiting = [one for one in self.typed if one.word in stored or one.word not in shown]
        waiting = [one for one in waiting if not is_saved(one.word)]
        while waiting:
            waiting = self.look_for(waiting)
        self.context.close()
        return self.faults

    def look_for(self, waiting: list[Typed]) -> list[Typed]:
        """Those that were not seen while the first was looked for: what is discarded may hold several."""
        one = waiting[0]
        self.log_in_by_cookie()
        # A list that is filtered to nothing has no form.
        for address in [one.path, one.path.partition("?")[0]] * 4:
            self.goto(address)
            if self.has_scripts:
                self.page.wait_for_timeout(50)
            shown = self.shown()
            waiting = [other for other in waiting if other.word not in shown]
            if one not in waiting:
                return waiting
            discard = self.page.locator(".unsent >> text=Discard it")
            if discard.count():
                discard.first.click()
        stored = " (it is stored, but not offered)" if one.word in self.stored() else ""
        self.faults.append(f"lost: {one}{stored}")
        return waiting[1:]


def is_saved(word: str) -> bool:
    """Whether any row of the database has it."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        quoted = [connection.ops.quote_name(name) for name in tables if name != "django_session"]
        cursor.execute(
            " UNION ALL ".join(f"(SELECT 1 FROM {name} t WHERE t::text LIKE %s LIMIT 1)" for name in quoted),
            [f"%{word}%"] * len(quoted),
        )
        return cursor.fetchone() is not None
