"""Files in a bucket: a real web server on this machine checks the signatures and keeps what it is given."""

import re
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote
from xml.etree.ElementTree import Element, SubElement, tostring

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.test import Client

from contentpipeline import env, media_probe, s3
from contentpipeline.management.commands import doctor
from contentpipeline.probes import DEPENDENCIES, State
from contentpipeline.s3 import S3Credentials, S3Storage, signed
from tests.publishing.pictures import make_illustrated_post

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class Bucket:
    """Enough of S3: it refuses whatever it would sign otherwise."""

    def __init__(self):
        self.files, self.methods, self.status, self.refused = {}, [], 0, ""
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = bucket.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Last-Modified", formatdate(usegmt=True))
                self.end_headers()
                if self.command != "HEAD" and status != 204:
                    self.wfile.write(answer)

            do_GET = do_PUT = do_HEAD = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/covers-of-ours"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, method, path, headers, body):
        at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        url = f"http://{headers['Host']}{path}"
        if headers["Authorization"] != signed(method, url, {}, body, ACCOUNT, at)["Authorization"]:
            return 403, b"SignatureDoesNotMatch"
        self.methods.append(method)
        if self.status:
            return self.status, b""
        if method == self.refused:
            return 403, b"AccessDenied"
        if method == "PUT":
            self.files[path] = body
            return 200, b""
        if method == "DELETE":
            self.files.pop(path, None)
            return 204, b""
        if path.partition("?")[0] == "/covers-of-ours/":
            return 200, self.listed(dict(parse_qsl(path.partition("?")[2])))
        return (200, self.files[path]) if path in self.files else (404, b"")

    def listed(self, parameters):
        """Two entries at a time, as S3 has them: what lies deeper is named by its folder."""
        names = [unquote(path).removeprefix("/covers-of-ours/") for path in sorted(self.files)]
        below = [
            name.removeprefix(parameters["prefix"]) for name in names if name.startswith(parameters["prefix"])
        ]
        entries = sorted({name.partition("/")[0] + "/" * ("/" in name) for name in below})
        start = int(parameters.get("continuation-token", "0"))
        listing = Element("ListBucketResult", xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
        for entry in entries[start : start + 2]:
            kind, key = ("CommonPrefixes", "Prefix") if entry.endswith("/") else ("Contents", "Key")
            SubElement(SubElement(listing, kind), key).text = parameters["prefix"] + entry
        if start + 2 < len(entries):
            SubElement(listing, "NextContinuationToken").text = str(start + 2)
        return tostring(listing)


ACCOUNT = S3Credentials(KEY, SECRET, "us-east-1")


@pytest.fixture
def bucket():
    bucket = Bucket()
    yield bucket
    bucket.server.shutdown()
    bucket.server.server_close()


def storage_of(bucket, secret=SECRET):
    return S3Storage(bucket.url, KEY, secret, "us-east-1")


def test_a_request_is_signed_as_the_documentation_of_aws_has_it():
    headers = signed(
        "GET",
        "https://examplebucket.s3.amazonaws.com/test.txt",
        {"Range": "bytes=0-9"},
        b"",
        ACCOUNT,
        datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert re.search("Signature=([0-9a-f]+)", headers["Authorization"])[1] == (
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_what_was_saved_is_read_measured_and_deleted(bucket):
    storage = storage_of(bucket)
    assert storage.save("covers/a b/ä.jpeg", ContentFile(b"bytes")) == "covers/a b/ä.jpeg"
    assert list(bucket.files) == ["/covers-of-ours/covers/a%20b/%C3%A4.jpeg"]
    assert storage.exists("covers/a b/ä.jpeg")
    assert storage.size("covers/a b/ä.jpeg") == 5
    with storage.open("covers/a b/ä.jpeg") as file:
        assert file.read() == b"bytes"
    storage.delete("covers/a b/ä.jpeg")
    assert not storage.exists("covers/a b/ä.jpeg")
    with pytest.raises(FileNotFoundError):
        storage.open("covers/a b/ä.jpeg")


def test_what_lies_in_a_folder_is_listed_to_its_end_and_dated(bucket):
    storage = storage_of(bucket)
    for name in (
        "covers/a b/1.jpeg",
        "covers/a b/2.jpeg",
        "covers/a b/ä&.jpeg",
        "covers/c/1.jpeg",
        "covers/d",
    ):
        storage.save(name, ContentFile(b"bytes"))
    assert storage.listdir("covers") == (["a b", "c"], ["d"])
    assert storage.listdir("covers/a b/") == ([], ["1.jpeg", "2.jpeg", "ä&.jpeg"])
    assert storage.listdir("covers/none") == ([], [])
    assert abs(storage.get_modified_time("covers/d") - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("status", [301, 403, 500, 503])
def test_a_refusal_is_an_error_without_the_secret_and_never_a_missing_file(bucket, status):
    bucket.status = status
    storage = storage_of(bucket)
    for call in (lambda: storage.exists("a"), lambda: storage.open("a"), lambda: storage.size("a"),
                 lambda: storage._save("a", ContentFile(b"x"))):  # fmt: skip
        with pytest.raises(OSError, match=str(status)) as error:
            call()
        assert SECRET not in str(error.value)
        assert not isinstance(error.value, FileNotFoundError)


def test_a_wrong_secret_is_refused(bucket):
    with pytest.raises(OSError, match="403"):
        storage_of(bucket, "wrong").exists("a")


def test_a_storage_that_is_away_or_hangs_is_left_in_time(monkeypatch):
    with pytest.raises(OSError, match="cannot be reached"):
        S3Storage("http://127.0.0.1:9/bucket", KEY, SECRET, "us-east-1").exists("a")
    monkeypatch.setattr(s3, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/bucket"
        with pytest.raises(OSError, match=r"within 0\.2 seconds"):
            S3Storage(url, KEY, SECRET, "us-east-1").exists("a")


def use_bucket(settings, url, secret=SECRET):
    options = {"bucket_url": url, "access_key": KEY, "secret_key": secret, "region": "us-east-1"}
    backend = {"BACKEND": "contentpipeline.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


@pytest.mark.django_db
def test_images_are_stored_and_shown_from_a_bucket(bucket, settings):
    use_bucket(settings, bucket.url)
    post = make_illustrated_post()
    assert len(bucket.files) == 9
    path = f"/media/covers/{post.cover_id}/480.avif"
    assert Client().get(path).content == bucket.files[f"/covers-of-ours/covers/{post.cover_id}/480.avif"]


def test_the_setting_names_bucket_and_keys(monkeypatch):
    monkeypatch.setenv("MEDIA_S3_URL", "https://me:a%2Fb@s3.example.org:9000/covers/?region=eu-1")
    assert env.bucket("MEDIA_S3_URL") == {
        "bucket_url": "https://s3.example.org:9000/covers",
        "access_key": "me",
        "secret_key": "a/b",
        "region": "eu-1",
    }
    monkeypatch.setenv("MEDIA_S3_URL", "")
    assert env.bucket("MEDIA_S3_URL") is None


@pytest.mark.parametrize(
    "value", ["ftp://a:hunter2@h/b", "https://h/b", "https://me:hun/ter2@h/b", "https://me@h/b"]
)
def test_a_setting_that_cannot_be_stops_the_start_without_showing_the_secret(monkeypatch, value):
    monkeypatch.setenv("MEDIA_S3_URL", value)
    with pytest.raises(ImproperlyConfigured) as error:
        env.bucket("MEDIA_S3_URL")
    assert "MEDIA_S3_URL" in str(error.value)
    assert "ter2" not in str(error.value)


# --- What the doctor finds ----------------------------------------------------------------------------


def test_the_doctor_writes_reads_and_removes_a_file(bucket, settings):
    use_bucket(settings, bucket.url)
    found = media_probe.media()
    assert (found.state, found.message) == (State.OK, f"{bucket.url}.")
    assert [method for method in bucket.methods if method != "HEAD"] == ["PUT", "GET", "DELETE"]
    assert not bucket.files, "nothing stays"


@pytest.mark.parametrize(
    ("refused", "what"),
    [("HEAD", "written to"), ("PUT", "written to"), ("GET", "read"), ("DELETE", "removed from")],
)
def test_the_doctor_says_which_right_the_keys_lack(bucket, settings, refused, what):
    use_bucket(settings, bucket.url)
    bucket.refused = refused
    found = media_probe.media()
    assert found.state == State.DOWN
    assert f"cannot be {what} (The storage answered 403 to {refused}): check MEDIA_S3_URL" in found.message
    assert bool(bucket.files) == (refused == "DELETE")


def test_the_doctor_leaves_a_bucket_that_hangs_and_shows_no_key(settings, monkeypatch):
    monkeypatch.setattr(media_probe, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_bucket(settings, f"http://127.0.0.1:{silent.getsockname()[1]}/bucket")
        found = media_probe.media()
    assert found.state == State.DOWN
    assert "no answer within 0.2 seconds" in found.message
    assert KEY not in found.message
    assert SECRET not in found.message


def test_the_doctor_tries_the_disk_and_leaves_it_as_it_was(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    assert media_probe.media().state == State.OK
    assert not settings.MEDIA_ROOT.exists()
    settings.MEDIA_ROOT.mkdir()
    assert media_probe.media().state == State.OK
    assert list(settings.MEDIA_ROOT.iterdir()) == []


def test_the_doctor_says_why_the_disk_cannot_be_used(tmp_path, settings):
    """A file where the directory should be refuses root too, which the tests may run as."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.write_text("")
    found = media_probe.media()
    assert found.state == State.DOWN
    assert f"{settings.MEDIA_ROOT} cannot be written to (" in found.message
    assert "set DATA_DIR or MEDIA_S3_URL" in found.message


def test_only_the_doctor_probes_the_bucket():
    assert doctor.Command()._checks()["media"] is media_probe.media
    assert "media" not in DEPENDENCIES
