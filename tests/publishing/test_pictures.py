import io
import struct
import zlib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from PIL import ImageCms

from publishing.errors import ImageMissing, ImageRefused
from publishing.images import pictures, pixels
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
        (b"", "is empty"),
        (b"words alone", "cannot be read as an image: upload a JPEG, PNG"),
        (encoded()[:5000], "damaged"),
        (png_of(1000, 700), "damaged"),
        (encoded(600, 500), "600 pixels wide; the minimum is 640"),
        (encoded(2200, 700), "over 3 times"),
    ],
)  # fmt: skip
def test_unusable_uploads_are_refused_with_an_explanation(data, sentence):
    assert sentence in refused(data)


def test_files_of_other_kinds_are_named_with_the_remedy():
    kinds = {
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>a()</script></svg>": "an SVG drawing",
        b"<?xml version='1.0'?><!-- a --><svg width='1'>": "an SVG drawing",
        b"%PDF-1.7": "a PDF document",
        encoded(700, 500, "TIFF"): "a TIFF or RAW file",
        encoded(700, 500, "BMP"): "a Windows bitmap",
        encoded(700, 500, "JPEG2000"): "a JPEG 2000 file",
        b"II*\0\x10\0\0\0CR\x02\0": "a RAW picture",
        b"FUJIFILMCCD-RAW 0201": "a RAW picture",
        b"\0\0\0\x20ftypisom\0\0\2\0": "a film",
        b"8BPS\0\1": "a Photoshop document",
        b"\xff\x0a\xfa": "a JPEG XL file",
        b"PK\3\4 docx": "an archive or an office document",
        b"<!DOCTYPE html><title>": "a web page",
    }
    for data, name in kinds.items():
        message = refused(data)
        assert name in message
        assert "export" in message or "take" in message or "upload" in message


def shown_of(image):
    *_, (_, jpeg) = files_of(image)
    return Pillow.open(io.BytesIO(jpeg)).convert("RGB")


def test_animations_are_refused_and_still_pictures_of_these_formats_read():
    frames = [Pillow.new("RGB", (800, 600), colour) for colour in ("red", "blue", "green")]
    for encoding in ("GIF", "PNG", "WEBP", "AVIF"):
        buffer = io.BytesIO()
        frames[0].save(buffer, encoding, save_all=True, append_images=frames[1:], duration=100)
        assert "is an animation" in refused(buffer.getvalue())
    for encoding in ("GIF", "AVIF"):
        image = store_image(io.BytesIO(encoded(800, 600, encoding)), by=make_user("writer"))
        assert image.width == 800


def test_a_picture_of_a_telephone_is_read_upright_and_without_its_metadata():
    sample = (Path(__file__).parent / "samples" / "sideways.heic").read_bytes()
    assert b"SecretCamera" in sample
    image = store_image(io.BytesIO(sample), by=make_user("writer"))
    assert (image.width, image.height) == (640, 800)
    # Blue on the left before it was turned to the right.
    upper, lower = (shown_of(image).getpixel((320, y)) for y in (100, 700))
    assert upper[2] > 150 > upper[0]
    assert lower[0] > 150 > lower[2]
    for _, data in files_of(image):
        assert b"SecretCamera" not in data
    for end in (20, 600):
        said = refused_again(sample[:end])
        assert "damaged" in said or "cannot be read" in said


def test_a_file_that_ends_the_process_which_decodes_it_is_refused(monkeypatch):
    # Too little processor time: the process is ended in the midst of it.
    little = replace(pictures.LIMITS, cpu_seconds=0.1, wall_seconds=0.2)
    monkeypatch.setattr(pictures, "LIMITS", little)
    sample = (Path(__file__).parent / "samples" / "sideways.heic").read_bytes()
    assert "damaged" in refused_again(sample)


def refused_again(data):
    with pytest.raises(ImageRefused) as refusal:
        store_image(io.BytesIO(data), by=make_user("writer"))
    return str(refusal.value)


def test_a_grey_ramp_of_sixteen_bits_stays_a_ramp():
    ramp = Pillow.new("I;16", (800, 600))
    ramp.putdata([round(x * 65535 / 799) for _ in range(600) for x in range(800)])
    buffer = io.BytesIO()
    ramp.save(buffer, "PNG")
    shown = shown_of(store_image(io.BytesIO(buffer.getvalue()), by=make_user("writer")))
    values = [shown.getpixel((x, 300))[0] for x in (5, 200, 400, 600, 795)]
    assert all(
        abs(value - x * 255 / 799) < 6 for value, x in zip(values, (5, 200, 400, 600, 795), strict=True)
    )


def test_colours_of_ink_are_shown_as_they_print():
    buffer = io.BytesIO()
    Pillow.new("CMYK", (800, 600), (0, 255, 255, 0)).save(buffer, "JPEG", quality=95)
    red = shown_of(store_image(io.BytesIO(buffer.getvalue()), by=make_user("writer"))).getpixel((400, 300))
    assert red[0] > 200
    assert max(red[1:]) < 60


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
    assert pixels.WIDTHS[-1] == 1600


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
