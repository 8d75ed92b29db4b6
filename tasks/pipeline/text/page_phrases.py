"""The words that a page adds to a text and that are read out: names of sources, footnotes and tasks."""

from __future__ import annotations

from typing import NamedTuple

from tasks.pipeline.text.languages import primary_language


class PagePhrases(NamedTuple):
    """A number follows the names of one source and of one footnote."""

    source: str
    footnote: str
    footnotes: str
    back: str
    done: str
    to_do: str


ENGLISH = PagePhrases("Source", "Footnote", "Footnotes", "Back to the text", "Done:", "To do:")
PHRASES = {
    "en": ENGLISH,
    "de": PagePhrases("Quelle", "Fußnote", "Fußnoten", "Zurück zum Text", "Erledigt:", "Zu tun:"),
    "fr": PagePhrases("Source", "Note", "Notes", "Retour au texte", "Fait :", "À faire :"),
    "es": PagePhrases("Fuente", "Nota", "Notas", "Volver al texto", "Hecho:", "Por hacer:"),
    "it": PagePhrases("Fonte", "Nota", "Note", "Torna al testo", "Fatto:", "Da fare:"),
    "nl": PagePhrases("Bron", "Voetnoot", "Voetnoten", "Terug naar de tekst", "Gedaan:", "Te doen:"),
    "pt": PagePhrases("Fonte", "Nota", "Notas", "Voltar ao texto", "Feito:", "Por fazer:"),
    "sv": PagePhrases("Källa", "Fotnot", "Fotnoter", "Tillbaka till texten", "Klart:", "Att göra:"),
    "da": PagePhrases("Kilde", "Fodnote", "Fodnoter", "Tilbage til teksten", "Udført:", "Mangler:"),
    "no": PagePhrases("Kilde", "Fotnote", "Fotnoter", "Tilbake til teksten", "Utført:", "Gjenstår:"),
    "fi": PagePhrases("Lähde", "Alaviite", "Alaviitteet", "Takaisin tekstiin", "Tehty:", "Tekemättä:"),
    "pl": PagePhrases("Źródło", "Przypis", "Przypisy", "Wróć do tekstu", "Zrobione:", "Do zrobienia:"),
    "cs": PagePhrases("Zdroj", "Poznámka", "Poznámky", "Zpět do textu", "Hotovo:", "Zbývá:"),
    "sk": PagePhrases("Zdroj", "Poznámka", "Poznámky", "Späť do textu", "Hotovo:", "Zostáva:"),
    "hu": PagePhrases("Forrás", "Lábjegyzet", "Lábjegyzetek", "Vissza a szöveghez", "Kész:", "Teendő:"),
    "ro": PagePhrases("Sursă", "Notă", "Note", "Înapoi la text", "Făcut:", "De făcut:"),
    "ru": PagePhrases("Источник", "Сноска", "Сноски", "Назад к тексту", "Сделано:", "Не сделано:"),
    "uk": PagePhrases("Джерело", "Виноска", "Виноски", "Назад до тексту", "Зроблено:", "Не зроблено:"),
    "bg": PagePhrases("Източник", "Бележка", "Бележки", "Назад към текста", "Готово:", "Предстои:"),
    "tr": PagePhrases("Kaynak", "Dipnot", "Dipnotlar", "Metne dön", "Yapıldı:", "Yapılacak:"),
    "el": PagePhrases("Πηγή", "Υποσημείωση", "Υποσημειώσεις", "Επιστροφή στο κείμενο", "Έγινε:", "Εκκρεμεί:"),
    "ar": PagePhrases("المصدر", "الحاشية", "الحواشي", "العودة إلى النص", "تم:", "لم يتم بعد:"),
    "fa": PagePhrases("منبع", "پانویس", "پانویس‌ها", "بازگشت به متن", "انجام شده:", "انجام نشده:"),
    "he": PagePhrases("מקור", "הערה", "הערות", "חזרה לטקסט", "בוצע:", "לביצוע:"),
    "hi": PagePhrases("स्रोत", "पाद-टिप्पणी", "पाद-टिप्पणियाँ", "पाठ पर वापस", "पूर्ण:", "शेष:"),
    "bn": PagePhrases("উৎস", "পাদটীকা", "পাদটীকাসমূহ", "লেখায় ফিরুন", "সম্পন্ন:", "বাকি:"),
    "ur": PagePhrases("ماخذ", "حاشیہ", "حواشی", "متن پر واپس", "مکمل:", "باقی:"),
    "ja": PagePhrases("出典", "脚注", "脚注", "本文に戻る", "完了：", "未完了："),
    "zh": PagePhrases("来源", "脚注", "脚注", "返回正文", "已完成：", "待办："),
    "zh-hant": PagePhrases("來源", "註腳", "註腳", "返回正文", "已完成：", "待辦："),
    "ko": PagePhrases("출처", "각주", "각주", "본문으로 돌아가기", "완료:", "할 일:"),
    "th": PagePhrases("แหล่งที่มา", "เชิงอรรถ", "เชิงอรรถ", "กลับไปที่เนื้อหา", "เสร็จแล้ว:", "ยังไม่เสร็จ:"),
    "vi": PagePhrases("Nguồn", "Chú thích", "Chú thích", "Trở lại bài viết", "Đã xong:", "Cần làm:"),
    "id": PagePhrases(
        "Sumber", "Catatan kaki", "Catatan kaki", "Kembali ke teks", "Selesai:", "Belum selesai:"
    ),
    "ms": PagePhrases("Sumber", "Nota kaki", "Nota kaki", "Kembali ke teks", "Selesai:", "Belum selesai:"),
    "ca": PagePhrases("Font", "Nota", "Notes", "Torna al text", "Fet:", "Per fer:"),
    "hr": PagePhrases("Izvor", "Bilješka", "Bilješke", "Natrag na tekst", "Učinjeno:", "Za učiniti:"),
    "sr": PagePhrases("Извор", "Напомена", "Напомене", "Назад на текст", "Урађено:", "За урадити:"),
    "sr-latn": PagePhrases("Izvor", "Napomena", "Napomene", "Nazad na tekst", "Urađeno:", "Za uraditi:"),
    "sl": PagePhrases("Vir", "Opomba", "Opombe", "Nazaj na besedilo", "Opravljeno:", "Še ni opravljeno:"),
    "et": PagePhrases("Allikas", "Märkus", "Märkused", "Tagasi teksti juurde", "Tehtud:", "Tegemata:"),
    "lt": PagePhrases("Šaltinis", "Išnaša", "Išnašos", "Grįžti į tekstą", "Atlikta:", "Neatlikta:"),
    "lv": PagePhrases("Avots", "Zemsvītras piezīme", "Piezīmes", "Atpakaļ uz tekstu", "Padarīts:", "Jādara:"),
    "eu": PagePhrases("Iturria", "Oin-oharra", "Oin-oharrak", "Itzuli testura", "Eginda:", "Egiteko:"),
}
SCRIPTS = {"zh-hant": ("zh-hant", "zh-tw", "zh-hk", "zh-mo"), "sr-latn": ("sr-latn",)}


def page_phrases(code: str) -> PagePhrases:
    """The words of a language, in its script if the code says which; English where there are none."""
    full = code.lower().replace("_", "-")
    script = next((one for one, codes in SCRIPTS.items() if full.startswith(codes)), "")
    return PHRASES.get(script) or PHRASES.get(primary_language(code), ENGLISH)
