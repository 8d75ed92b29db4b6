"""Suggestions on a site in eighteen languages: what is typed, what is meant, and that each has a result."""

from urllib.parse import parse_qs, urlsplit

import pytest

from publishing.models import Post
from publishing.search import search, suggestions
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

POSTS = (
    (
        "en",
        "Heat stress in street trees",
        "Staying cool on hot days is a matter of shade.",
        "City",
        ["Wi-Fi", "C++"],
    ),
    ("en", "Python 3.11 is faster", "The U.S. Wi-Fi standard, AT&T and O'Brien.", "Programs", ["node.js"]),
    ("en", "Learning C++ and .NET", "Storage of statements, COVID-19 and steel.", "Programs", [".net"]),
    ("en", "U.S. policy on Wi-Fi", "Turbines, mice and the café of the harbour.", "City", []),
    (
        "de",
        "Die Datenschutzverordnung der Länder",
        "Wärme und Straßenbäume in großen Städten.",
        "Recht",
        ["Bäume"],
    ),
    ("fr", "L’Oréal et les cafés d’été", "Où sont les forêts de l’île ?", "Économie", ["Écologie"]),
    ("es", "El niño y la montaña", "Mañana habrá lluvia en la región.", "Región", []),
    ("pt", "Ações contra a poluição", "São Paulo não dorme.", "Cidade", []),
    ("it", "La città più calda", "L’ombra degli alberi è fresca.", "Città", []),
    ("tr", "İstanbul’da ısı ve gölge", "Ağaçlar şehri serinletir.", "Şehir", []),
    ("pl", "Łódź i drzewa miejskie", "Święto chleba w małym mieście.", "Miasto", []),
    ("ru", "Городские деревья и тень", "Ёлки растут зимой.", "Город", []),
    ("el", "Δέντρα της πόλης", "Η σκιά δροσίζει τους δρόμους.", "Πόλη", []),
    ("ar", "أشجار المدينة والظل", "الحرارة في الصيف شديدة.", "مدينة", []),
    ("he", "עצים בעיר וצל", "החום בקיץ כבד מאוד.", "עיר", []),
    ("hi", "शहर के पेड़ और छाया", "गर्मी में छाया ठंडी होती है।", "शहर", []),
    ("zh", "北京天气与街道树木", "夏天的阴凉很重要。", "城市", ["气候"]),
    ("ja", "街を涼しくする木", "夏の午後は日陰が大切です。", "都市", []),
    ("ko", "서울날씨와 가로수", "여름에는 그늘이 중요합니다.", "도시", []),
    ("th", "ต้นไม้ในเมือง", "ร่มเงาช่วยให้เย็น", "เมือง", []),
    ("vi", "Cây xanh ở Hà Nội", "Bóng mát giúp đường phố dịu hơn.", "Thành phố", []),
)

TYPED = (
    ("heat st", "Heat stress in street trees"),
    ("HEAT ST", "Heat stress in street trees"),
    ("python 3", "Python 3.11 is faster"),
    ("python3", "Python 3.11 is faster"),
    (".net", "Learning C++ and .NET"),
    (".NE", "Learning C++ and .NET"),
    ("C+", "Learning C++ and .NET"),
    ("c++", "Learning C++ and .NET"),
    ("U.S", "U.S. policy on Wi-Fi"),
    ("us pol", "U.S. policy on Wi-Fi"),
    ("wi-f", "U.S. policy on Wi-Fi"),
    ("wif", "U.S. policy on Wi-Fi"),
    ("wi f", "U.S. policy on Wi-Fi"),
    ("haet str", "Heat stress in street trees"),
    ("strees tr", "Heat stress in street trees"),
    ("stret tre", "Heat stress in street trees"),
    ("heat strss", "Heat stress in street trees"),
    ("lerning c", "Learning C++ and .NET"),
    ('"heat str', "Heat stress in street trees"),
    ("Datenschutzv", "Die Datenschutzverordnung der Länder"),
    ("datenschutz-v", "Die Datenschutzverordnung der Länder"),
    ("lander", "Die Datenschutzverordnung der Länder"),
    ("LÄND", "Die Datenschutzverordnung der Länder"),
    ("loreal", "L’Oréal et les cafés d’été"),
    ("l'or", "L’Oréal et les cafés d’été"),
    ("oré", "L’Oréal et les cafés d’été"),
    ("ete", "L’Oréal et les cafés d’été"),
    ("cáfe", "L’Oréal et les cafés d’été"),
    ("nino", "El niño y la montaña"),
    ("MONTAÑ", "El niño y la montaña"),
    ("acoes", "Ações contra a poluição"),
    ("citta piu", "La città più calda"),
    ("istanbul", "İstanbul’da ısı ve gölge"),
    ("isi", "İstanbul’da ısı ve gölge"),
    ("golg", "İstanbul’da ısı ve gölge"),
    ("lodz", "Łódź i drzewa miejskie"),
    ("łó", "Łódź i drzewa miejskie"),
    ("ДЕРЕ", "Городские деревья и тень"),
    ("городские де", "Городские деревья и тень"),
    ("дреевья", "Городские деревья и тень"),
    ("δεντ", "Δέντρα της πόλης"),
    ("ΠΟΛ", "Δέντρα της πόλης"),
    ("اشجار", "أشجار المدينة والظل"),
    ("עצ", "עצים בעיר וצל"),
    ("पेड़", "शहर के पेड़ और छाया"),
    ("北", "北京天气与街道树木"),
    ("京天", "北京天气与街道树木"),
    ("街道树", "北京天气与街道树木"),
    ("街", "街を涼しくする木"),
    ("涼しく", "街を涼しくする木"),
    ("서", "서울날씨와 가로수"),
    ("서울", "서울날씨와 가로수"),
    ("가로", "서울날씨와 가로수"),
    ("ต้น", "ต้นไม้ในเมือง"),
    ("เมือง", "ต้นไม้ในเมือง"),
    ("ha no", "Cây xanh ở Hà Nội"),
    ("cay x", "Cây xanh ở Hà Nội"),
)

TOPICS = (
    ("wi-f", "Wi-Fi"),
    ("wifi", "Wi-Fi"),
    ("c+", "C++"),
    (".n", ".net"),
    ("node", "node.js"),
    ("node.j", "node.js"),
    ("baum", "Bäume"),
    ("ECO", "Économie"),
    ("eco", "Écologie"),
    ("sehir", "Şehir"),
    ("气", "气候"),
    ("도", "도시"),
    ("πολ", "Πόλη"),
    ("progarms", "Programs"),
)

WORDS = (
    ("heat st", "heat stress"),
    ("staying co", "staying cool"),
    ("turbines mi", "turbines mice"),
    ("the haarbour caf", None),
    ("python fas", "python faster"),
    ("heat statem", None),
    ("turb", "turbines"),
    ("strassenb", "straßenbäume"),
    ("straßenb", "straßenbäume"),
    ("covid", "covid-19"),
    ("att", "at&t"),
)


@pytest.fixture
def site():
    for number, (language, title, body, category, tags) in enumerate(POSTS):
        make_post(
            title, body, language=language, category=category, tags=tags, summary="", slug=f"post-{number}"
        )


def of_kind(text, *kinds):
    return [one.text for one in suggestions(text) if one.kind in kinds]


def prefixes(text):
    """What is typed of a text, and of its last words, at some moments."""
    words = text.split()
    starts = [text, " ".join(words[-2:])]
    return {start[:length] for start in starts for length in (1, 2, 3, 5, 8, 12, 17) if length <= len(start)}


def test_what_a_reader_means_is_suggested_in_every_language(site):
    wrong = [
        (typed, title, suggestions(typed)) for typed, title in TYPED if title not in of_kind(typed, "article")
    ]
    wrong += [
        (typed, name, suggestions(typed))
        for typed, name in TOPICS
        if name not in of_kind(typed, "category", "tag")
    ]
    wrong += [
        (typed, whole, suggestions(typed))
        for typed, whole in WORDS
        if (whole not in of_kind(typed, "word") if whole else of_kind(typed, "word"))
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_every_suggestion_has_a_result(site, client):
    live = set(Post.objects.values_list("title", flat=True))
    typed = sorted(
        {prefix for _, title, body, *_ in POSTS for text in (title, body[:24]) for prefix in prefixes(text)}
    )
    found = {one for text in typed for one in suggestions(text)}
    assert {one.kind for one in found} == {"article", "category", "tag", "word"}
    without = [
        one
        for one in found
        if one.kind in {"word", "article"} and not search(one.text, as_typed=True).post_ids
    ]
    assert without == []
    assert {one.text for one in found if one.kind == "article"} == live
    for one in found:
        if one.kind in {"category", "tag"}:
            assert b'class="card' in client.get(one.path).content, one
        if one.kind == "word":
            assert parse_qs(urlsplit(one.path).query)["q"] == [one.text]
