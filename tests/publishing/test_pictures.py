import io
import struct
import zlib
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from PIL import ImageCms

from publishing.errors import ImageMissing, ImageRefused
from publishing.images import pictures
from publishing.images.covers import require_whole
from publishing.images.pictures import store_image
from publishing.models import Image
from tests.factories import make_user
from tests.publishing.pictures import encoded, make_image

pytestmark = pytest.mark.django_db

GPS = 0x8825


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def files_of(image):
    for variant in image.variants:
        with default_storage.open(image.path_of(variant)) as file:
            yield variant, file.read()


def refused(data):
    with pytest.raises(ImageRefused) as refusal:
        store_image(io.BytesIO(data), by=make_user("writer"))
    assert not Image.objects.exists()
    return str(refusal.value)


def test_an_upload_becomes_three_formats_at_no_more_than_its_width():
    image = make_image(width=1000, height=500)
    found = [(variant["format"], variant["width"], variant["height"]) for variant in image.variants]
    assert found == [
        (encoding, width, width // 2) for width in (480, 960, 1000) for encoding in ("avif", "webp", "jpeg")
    ]
    for variant, data in files_of(image):
        with Pillow.open(io.BytesIO(data)) as shown:
            assert (shown.format.lower(), *shown.size) == (
                variant["format"],
                variant["width"],
                variant["height"],
            )
        assert (len(data), sha256(data).hexdigest()) == (variant["bytes"], variant["sha256"])


def test_a_large_upload_is_made_smaller():
    image = make_image(width=4000, height=3000)
    assert (image.width, image.height) == (1600, 1200)


def test_only_the_pixels_of_an_upload_are_stored():
    exif = Pillow.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    upload = encoded(exif=exif, icc_profile=srgb, comment=b"SecretComment")
    assert b"SecretCamera" in upload
    image = store_image(io.BytesIO(upload), by=make_user("writer"))
    for _, data in files_of(image):
        assert b"Secret" not in data
        with Pillow.open(io.BytesIO(data)) as shown:
            assert not shown.getexif()
            assert "icc_profile" not in shown.info


def test_a_picture_taken_sideways_is_shown_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6
    image = store_image(io.BytesIO(encoded(1200, 800, exif=exif)), by=make_user("writer"))
    assert (image.width, image.height) == (800, 1200)


@pytest.mark.parametrize(
    ("encoding", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"), ("PNG", "LA"), ("WEBP", "RGBA"), ("JPEG", "CMYK")],
)
def test_every_kind_of_image_is_accepted(encoding, mode):
    buffer = io.BytesIO()
    Pillow.new("RGBA", (700, 500), (0, 0, 0, 0)).convert(mode).save(buffer, encoding)
    image = store_image(io.BytesIO(buffer.getvalue()), by=make_user("writer"))
    assert image.width == 700
    if mode in {"RGBA", "LA"}:
        *_, (_, jpeg) = files_of(image)
        with Pillow.open(io.BytesIO(jpeg)) as shown:
            assert min(shown.getpixel((5, 5))) > 250  # white where there was nothing


def test_the_name_is_a_hash_of_the_bytes_and_equal_images_are_stored_once():
    one, same, other = make_image(), make_image(), make_image(width=1001)
    assert one.name == same.name != other.name
    assert Image.objects.count() == 2
    assert len([path for path in Path(default_storage.location).rglob("*") if path.is_file()]) == 18


def png_of(width, height):
    """The head of a PNG of this size, and next to nothing in it: a bomb."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(7000, 7000), (10_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(Pillow.Image, "convert", None)
    assert "40 million" in refused(png_of(*size))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "cannot be read as an image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>a()</script></svg>", "cannot be read as an image"),
        (b"%PDF-1.7", "cannot be read as an image"),
        (encoded(1000, 700, "GIF"), "cannot be read as an image"),
        (encoded()[:5000], "damaged"),
        (png_of(1000, 700), "damaged"),
        (encoded(600, 500), "600 pixels wide; the minimum is 640"),
        (encoded(2200, 700), "over 3 times"),
    ],
)  # fmt: skip
def test_unusable_uploads_are_refused_with_an_explanation(data, sentence):
    assert sentence in refused(data)


def test_missing_and_altered_files_are_detected_and_incomplete_ones_rewritten():
    image = make_image()
    require_whole(image)
    path = Path(default_storage.path(image.path_of(image.variants[0])))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    with pytest.raises(ImageMissing):
        require_whole(image)
    path.write_bytes(whole[:100])
    make_image()
    require_whole(image)
    path.unlink()
    with pytest.raises(ImageMissing):
        require_whole(image)


def test_a_broken_colour_profile_does_no_harm():
    assert store_image(io.BytesIO(encoded(icc_profile=b"x" * 200)), by=make_user("writer")).width == 1000
    assert pictures.WIDTHS[-1] == 1600


def grey_of_sixteen_bits(width=700, height=500):
    """A ramp from black to white, sixteen bits deep."""
    picture = Pillow.new("I;16", (width, height))
    picture.frombytes(struct.pack(f"<{width}H", *(65535 * x // (width - 1) for x in range(width))) * height)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def mean_of(data):
    with Pillow.open(io.BytesIO(data)) as shown:
        histogram = shown.convert("L").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / sum(histogram)


def test_sixteen_bits_of_grey_are_as_bright_as_before():
    image = store_image(io.BytesIO(grey_of_sixteen_bits()), by=make_user("writer"))
    for _, data in files_of(image):
        assert mean_of(data) == pytest.approx(127, abs=2)


@pytest.mark.parametrize("encoding", ["PNG", "WEBP"])
def test_an_animation_is_refused_with_its_number_of_frames(encoding):
    frames = [Pillow.new("RGB", (700, 500), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, encoding, save_all=True, append_images=frames[1:], duration=100)
    assert "animation of 3 frames" in refused(buffer.getvalue())


def test_a_photograph_with_a_preview_in_its_file_is_no_animation():
    pictures_of_camera = [Pillow.new("RGB", (1000, 700), "skyblue"), Pillow.new("RGB", (160, 112), "skyblue")]
    buffer = io.BytesIO()
    pictures_of_camera[0].save(buffer, "MPO", save_all=True, append_images=pictures_of_camera[1:])
    image = store_image(io.BytesIO(buffer.getvalue()), by=make_user("writer"))
    assert image.width == 1000


def test_a_profile_of_another_kind_than_the_image_does_no_harm():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    upload = encoded(mode="L", icc_profile=srgb)
    assert store_image(io.BytesIO(upload), by=make_user("writer")).width == 1000
