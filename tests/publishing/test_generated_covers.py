import hashlib
import io

from PIL import Image as Pillow

from publishing.images import generated
from publishing.images.generated import HEIGHT, PALETTES, PAPER, WIDTH, draw_cover, drawable, wrapped

TREES = "How trees cool a street"


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def pixels(title, category=""):
    return hashlib.sha256(draw_cover(title, category).tobytes()).hexdigest()


def text_of(picture):
    """Where the colour of the text is, as a box; None without text."""
    light = picture.convert("L").point(lambda value: 255 if value > 200 else 0)
    return light.getbbox()


def test_the_text_has_the_contrast_of_4_5_on_every_colour():
    for palette in PALETTES:
        for colour in (palette.ground, *palette.shapes):
            assert (luminance(PAPER) + 0.05) / (luminance(colour) + 0.05) >= 4.5, colour


def test_a_cover_is_the_same_for_the_same_title_and_category_alone():
    assert pixels(TREES, "Climate") == pixels(TREES, "Climate")
    assert len({pixels(TREES, "Climate"), pixels(TREES, "Water"), pixels("Trees", "Climate")}) == 3


def test_a_category_written_in_another_way_has_the_same_colour():
    assert len({draw_cover("Law", name).getpixel((3, 3)) for name in ("Food-Law", "food  law")}) == 1


def test_titles_in_scripts_of_the_font_are_written_inside_of_the_text_column():
    titles = [
        "Short",
        TREES,
        "Zażółć gęślą jaźń: Łódź pod żaglami",
        "Những hàng cây làm mát đường phố Hà Nội như thế nào",
        "Πώς τα δέντρα δροσίζουν τους δρόμους",
        "Как деревья охлаждают улицы города",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "W" * 200,
        "i " * 100,
        "e\u0301cole \u00ab 3 °C \u00bb \u2014 5 % & €",
    ]
    for title in titles:
        assert drawable(title), title
        picture = draw_cover(title, "Ökologie")
        assert picture.size == (WIDTH, HEIGHT)
        left, top, right, bottom = text_of(picture)
        assert left >= generated.LEFT - 6, title
        assert right <= generated.LEFT + generated.TEXT_WIDTH + 6, title
        # What a preview of 1.91 to 1 cuts off above and below.
        assert top >= 114, title
        assert bottom <= HEIGHT - 114, title


def test_titles_in_other_scripts_give_a_pattern_without_text():
    titles = [
        "街路樹が都市を冷やす", "도시의 나무", "كيف تبرد الأشجار", "עצים ברחוב", "पेड़ शहर को", "ต้นไม้ทำให้ถนน",
        "Trees 木", "Ẹ̀kọ́ nípa igi", "ქუჩის ხეები", "🌳🌳", "…", "",
    ]  # fmt: skip
    for title in titles:
        assert drawable(title) == "", title
        assert text_of(draw_cover(title, "Climate")) is None, title


def test_symbols_that_the_font_lacks_are_left_out():
    assert drawable("🌳 Trees\u200b &\u00adcities\ufe0f 👩\u200d🌾") == "Trees &cities"
    assert drawable("Line\u00a0one\nand\ttwo") == "Line one and two"


def test_lines_keep_to_their_width_and_lose_no_word():
    font = generated._font(70)
    text = "A street tree cools and Verkehrsinfrastrukturfinanzierungsgesellschaften pay"
    lines = wrapped(text, font, 600)
    assert max(map(font.getlength, lines)) <= 600
    assert "".join(lines).replace("-", "").replace(" ", "") == text.replace(" ", "")


def test_a_cover_stays_legible_as_a_thumbnail():
    small = draw_cover(TREES, "Climate").resize((480, 320), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "jpeg", quality=80)
    left, top, right, bottom = text_of(Pillow.open(buffer))
    assert right - left > 240
    assert bottom - top > 60
