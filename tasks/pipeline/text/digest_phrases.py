"""The words of a digest that are not from its sources: label and headings, by language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tasks.pipeline.text.languages import Language, primary_language
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.text.typography import folded
from tasks.pipeline.text.words import words


@dataclass(frozen=True)
class DigestPhrases:
    label: str
    main_points: str
    figures: str


PHRASES = {
    "en": DigestPhrases(
        "Research digest: assembled from the sources' own sentences, without a language model. "
        "It is material for an article, not an article ready for publication.",
        "Main points",
        "Figures",
    ),
    "de": DigestPhrases(
        "Recherche-Übersicht: aus den Sätzen der Quellen zusammengestellt, ohne Sprachmodell. "
        "Sie ist Material für einen Artikel, kein fertiger Artikel.",
        "Das Wichtigste",
        "Zahlen",
    ),
    "fr": DigestPhrases(
        "Synthèse de recherche : composée des phrases mêmes des sources, sans modèle de langue. "
        "C'est la matière d'un article, non un article prêt à être publié.",
        "L'essentiel",
        "Chiffres",
    ),
    "es": DigestPhrases(
        "Resumen de investigación: compuesto con las frases de las propias fuentes, sin modelo de lenguaje. "
        "Es material para un artículo, no un artículo listo para publicarse.",
        "Lo principal",
        "Cifras",
    ),
    "it": DigestPhrases(
        "Sintesi di ricerca: composta con le frasi delle fonti stesse, senza un modello linguistico. "
        "È materiale per un articolo, non un articolo pronto per la pubblicazione.",
        "In sintesi",
        "Cifre",
    ),
    "nl": DigestPhrases(
        "Onderzoeksoverzicht: samengesteld uit de zinnen van de bronnen zelf, zonder taalmodel. "
        "Het is materiaal voor een artikel, geen artikel dat klaar is voor publicatie.",
        "Hoofdpunten",
        "Cijfers",
    ),
    "pt": DigestPhrases(
        "Síntese de pesquisa: composta com as frases das próprias fontes, sem modelo de linguagem. "
        "É material para um artigo, não um artigo pronto para publicação.",
        "Pontos principais",
        "Números",
    ),
    "sv": DigestPhrases(
        "Forskningsöversikt: sammanställd av källornas egna meningar, utan språkmodell. Den är material till "
        "en artikel, inte en artikel som är färdig att publiceras.",
        "Huvudpunkter",
        "Siffror",
    ),
    "da": DigestPhrases(
        "Researchoversigt: sammensat af kildernes egne sætninger, uden sprogmodel. Den er materiale til en "
        "artikel, ikke en artikel, der er klar til udgivelse.",
        "Hovedpunkter",
        "Tal",
    ),
    "no": DigestPhrases(
        "Researchoversikt: satt sammen av kildenes egne setninger, uten språkmodell. Den er materiale til en "
        "artikkel, ikke en artikkel som er klar til publisering.",
        "Hovedpunkter",
        "Tall",
    ),
    "fi": DigestPhrases(
        "Tutkimuskooste: koottu lähteiden omista virkkeistä ilman kielimallia. Se on aineistoa artikkelia "
        "varten, ei julkaisuvalmis artikkeli.",
        "Pääkohdat",
        "Luvut",
    ),
    "pl": DigestPhrases(
        "Przegląd materiałów: złożony z własnych zdań źródeł, bez modelu językowego. To materiał "
        "do artykułu, "
        "a nie artykuł gotowy do publikacji.",
        "Najważniejsze",
        "Liczby",
    ),
    "cs": DigestPhrases(
        "Přehled rešerše: sestavený z vlastních vět zdrojů, bez jazykového modelu. Je to materiál "
        "pro článek, "
        "nikoli článek připravený k vydání.",
        "Hlavní body",
        "Čísla",
    ),
    "sk": DigestPhrases(
        "Prehľad rešerše: zostavený z vlastných viet zdrojov, bez jazykového modelu. Je to materiál na "
        "článok, nie článok pripravený na vydanie.",
        "Hlavné body",
        "Čísla",
    ),
    "hu": DigestPhrases(
        "Kutatási összefoglaló: a források saját mondataiból összeállítva, nyelvi modell nélkül. Anyag egy "
        "cikkhez, nem közlésre kész cikk.",
        "Főbb pontok",
        "Számok",
    ),
    "ro": DigestPhrases(
        "Sinteză documentară: alcătuită din propozițiile surselor înseși, fără model lingvistic. Este "
        "material pentru un articol, nu un articol gata de publicare.",
        "Puncte principale",
        "Cifre",
    ),
    "ru": DigestPhrases(
        "Обзор источников: составлен из предложений самих источников, без языковой модели. Это материал для "
        "статьи, а не статья, готовая к публикации.",
        "Главное",
        "Цифры",
    ),
    "uk": DigestPhrases(
        "Огляд джерел: складений із речень самих джерел, без мовної моделі. Це матеріал для статті, а не "
        "стаття, готова до публікації.",
        "Головне",
        "Цифри",
    ),
    "bg": DigestPhrases(
        "Обзор на източниците: съставен от изреченията на самите източници, без езиков модел. Това "
        "е материал "
        "за статия, а не статия, готова за публикуване.",
        "Основното",
        "Числа",
    ),
    "tr": DigestPhrases(
        "Araştırma özeti: kaynakların kendi cümlelerinden, dil modeli kullanılmadan derlendi. Bir yazı için "
        "malzemedir, yayıma hazır bir yazı değildir.",
        "Öne çıkanlar",
        "Sayılar",
    ),
    "el": DigestPhrases(
        "Σύνοψη έρευνας: συντάχθηκε από τις προτάσεις των ίδιων των πηγών, χωρίς γλωσσικό μοντέλο. Είναι "
        "υλικό για άρθρο, όχι άρθρο έτοιμο προς δημοσίευση.",
        "Κύρια σημεία",
        "Αριθμοί",
    ),
    "ar": DigestPhrases(
        "ملخص بحثي: جُمع من جمل المصادر نفسها من دون نموذج لغوي. هو مادة لمقال، وليس مقالًا جاهزًا للنشر.",
        "أهم النقاط",
        "أرقام",
    ),
    "fa": DigestPhrases(
        "چکیدهٔ پژوهش: از جمله‌های خود منابع و بدون مدل زبانی گردآوری شده است. این مادهٔ خام یک "
        "مقاله است، نه "
        "مقاله‌ای آمادهٔ انتشار.",
        "نکات اصلی",
        "ارقام",
    ),
    "he": DigestPhrases(
        "תקציר מחקר: הורכב ממשפטי המקורות עצמם, ללא מודל שפה. זהו חומר למאמר, לא מאמר מוכן לפרסום.",
        "עיקרי הדברים",
        "נתונים",
    ),
    "hi": DigestPhrases(
        "शोध सार: स्रोतों के अपने वाक्यों से, बिना भाषा मॉडल के, संकलित। यह लेख के लिए सामग्री है, "
        "प्रकाशन के "
        "लिए तैयार लेख नहीं।",
        "मुख्य बातें",
        "आँकड़े",
    ),
    "bn": DigestPhrases(
        "গবেষণা সংক্ষেপ: উৎসগুলির নিজস্ব বাক্য থেকে, ভাষা মডেল ছাড়া সংকলিত। এটি নিবন্ধের উপাদান, প্রকাশের "
        "জন্য প্রস্তুত নিবন্ধ নয়।",
        "মূল কথা",
        "সংখ্যা",
    ),
    "ur": DigestPhrases(
        "تحقیقی خلاصہ: ماخذوں کے اپنے جملوں سے، لسانی ماڈل کے بغیر، مرتب کیا گیا۔ یہ مضمون کے لیے مواد ہے، "
        "اشاعت کے لیے تیار مضمون نہیں۔",
        "اہم نکات",
        "اعداد و شمار",
    ),
    "ja": DigestPhrases(
        "調査ダイジェスト：情報源の文をそのまま集めたもので、言語モデルは使っていません。記事の素材であり、公"
        "開できる記事ではありません。",
        "要点",
        "数字",
    ),
    "zh": DigestPhrases(
        "研究摘编：由各来源的原句汇编而成，未使用语言模型。这是写作素材，不是可以直接发表的文章。",
        "要点",
        "数字",
    ),
    "ko": DigestPhrases(
        "조사 요약: 출처의 문장을 그대로 모은 것으로, 언어 모델을 쓰지 않았습니다. "
        "기사의 자료일 뿐, 발행할 수 있는 기사가 아닙니다.",
        "핵심 내용",
        "숫자",
    ),
    "th": DigestPhrases(
        "บทสรุปข้อมูล: รวบรวมจากประโยคของแหล่งข้อมูลเอง โดยไม่ใช้แบบจำลองภาษา เป็นวัตถุดิบสำหรับบทความ "
        "ไม่ใช่บทความที่พร้อมเผยแพร่",
        "ประเด็นสำคัญ",
        "ตัวเลข",
    ),
    "vi": DigestPhrases(
        "Bản tổng hợp tư liệu: ghép từ chính các câu của nguồn, không dùng mô hình ngôn ngữ. Đây là tư liệu "
        "cho bài viết, không phải bài viết sẵn sàng đăng.",
        "Những điểm chính",
        "Số liệu",
    ),
    "id": DigestPhrases(
        "Ringkasan riset: disusun dari kalimat sumber itu sendiri, tanpa model bahasa. Ini bahan untuk "
        "artikel, bukan artikel yang siap diterbitkan.",
        "Pokok-pokok",
        "Angka",
    ),
    "ms": DigestPhrases(
        "Ringkasan kajian: disusun daripada ayat sumber itu sendiri, tanpa model bahasa. Ini bahan untuk "
        "artikel, bukan artikel yang sedia diterbitkan.",
        "Perkara utama",
        "Angka",
    ),
    "ca": DigestPhrases(
        "Resum de recerca: compost amb les frases de les mateixes fonts, sense model de llenguatge. És "
        "material per a un article, no un article a punt per publicar.",
        "Punts principals",
        "Xifres",
    ),
    "hr": DigestPhrases(
        "Pregled izvora: sastavljen od vlastitih rečenica izvora, bez jezičnog modela. To je građa "
        "za članak, "
        "a ne članak spreman za objavu.",
        "Glavno",
        "Brojke",
    ),
    "sr": DigestPhrases(
        "Преглед извора: састављен од реченица самих извора, без језичког модела. То је грађа за "
        "чланак, а не "
        "чланак спреман за објављивање.",
        "Главно",
        "Бројке",
    ),
    "sl": DigestPhrases(
        "Pregled virov: sestavljen iz stavkov virov samih, brez jezikovnega modela. To je gradivo za članek, "
        "ne članek, pripravljen za objavo.",
        "Glavno",
        "Številke",
    ),
    "et": DigestPhrases(
        "Uurimistöö kokkuvõte: koostatud allikate endi lausetest, ilma keelemudelita. See on artikli "
        "materjal, mitte avaldamiseks valmis artikkel.",
        "Peamine",
        "Arvud",
    ),
    "lt": DigestPhrases(
        "Tyrimo santrauka: sudaryta iš pačių šaltinių sakinių, be kalbos modelio. Tai medžiaga "
        "straipsniui, o "
        "ne publikuoti parengtas straipsnis.",
        "Svarbiausia",
        "Skaičiai",
    ),
    "lv": DigestPhrases(
        "Pētījuma kopsavilkums: sastādīts no pašu avotu teikumiem, bez valodas modeļa. Tas ir materiāls "
        "rakstam, nevis publicēšanai gatavs raksts.",
        "Galvenais",
        "Skaitļi",
    ),
    "eu": DigestPhrases(
        "Ikerketaren laburpena: iturrien beren esaldiekin osatua, hizkuntza-eredurik gabe. Artikulu baterako "
        "materiala da, ez argitaratzeko prest dagoen artikulua.",
        "Gako nagusiak",
        "Zifrak",
    ),
}


# Of the words of a sentence of a label, so many tell it after someone has edited it.
SHARE_OF_LABEL = 0.7


def phrases_for(code: str) -> DigestPhrases:
    """The phrases of a language, English where there are none."""
    return PHRASES.get(primary_language(code), PHRASES["en"])


def has_phrases(code: str) -> bool:
    """Whether a text in this language has its labels in it."""
    return primary_language(code) in PHRASES


def is_digest(body: str) -> bool:
    """Whether a body has the label of a digest, in any language and also after light editing."""
    if any(known.label in body for known in PHRASES.values()):
        return True
    longest = 2 * max(len(known.label) for known in PHRASES.values())
    blocks = [frozenset(words(folded(block))) for block in body.split("\n\n") if len(block) <= longest]
    return any(
        len(sentence & block) >= SHARE_OF_LABEL * len(sentence)
        for block in blocks
        for sentence in _sentences_of_labels()
    )


@cache
def _sentences_of_labels() -> tuple[frozenset[str], ...]:
    found = [
        frozenset(words(folded(sentence)))
        for code, known in PHRASES.items()
        for sentence in sentences(known.label, Language(code))
    ]
    return tuple(one for one in found if len(one) >= 6)
