"""Names of months, from Unicode's CLDR: full names and abbreviations, January first, by language."""

from __future__ import annotations

from functools import cache

_NAMES = {
    "en": (
        "jan january | feb february | mar march | apr april | may | jun june | jul july | aug august "
        "| sep sept september | oct october | nov november | dec december"
    ),
    "de": (
        "jan januar jänner | feb februar feber | mär märz | apr april | mai | jun juni | jul juli | "
        "aug august | sep sept september | okt oktober | nov november | dez dezember"
    ),
    "fr": (
        "janv janvier | févr février | mars | avr avril | mai | juin | juil juillet | août | sept "
        "septembre | oct octobre | nov novembre | déc décembre"
    ),
    "es": (
        "ene enero | feb febrero | mar marzo | abr abril | may mayo | jun junio | jul julio | ago "
        "agosto | sept septiembre | oct octubre | nov noviembre | dic diciembre"
    ),
    "it": (
        "gen gennaio | feb febbraio | mar marzo | apr aprile | mag maggio | giu giugno | lug luglio | "
        "ago agosto | set settembre | ott ottobre | nov novembre | dic dicembre"
    ),
    "nl": (
        "jan januari | feb februari | maart mrt | apr april | mei | jun juni | jul juli | aug "
        "augustus | sep september | okt oktober | nov november | dec december"
    ),
    "pt": (
        "jan janeiro | fev fevereiro | mar março | abr abril | mai maio | jun junho | jul julho | ago "
        "agosto | set setembro | out outubro | nov novembro | dez dezembro"
    ),
    "sv": (
        "jan januari | feb februari | mars | apr april | maj | juni | juli | aug augusti | sep "
        "september | okt oktober | nov november | dec december"
    ),
    "da": (
        "jan januar | feb februar | mar marts | apr april | maj | jun juni | jul juli | aug august | "
        "sep september | okt oktober | nov november | dec december"
    ),
    "no": (
        "jan januar | feb februar | mar mars | apr april | mai | jun juni | jul juli | aug august | "
        "sep september | okt oktober | nov november | des desember"
    ),
    "fi": (
        "tammi tammikuu tammikuuta | helmi helmikuu helmikuuta | maalis maaliskuu maaliskuuta | huhti "
        "huhtikuu huhtikuuta | touko toukokuu toukokuuta | kesä kesäkuu kesäkuuta | heinä heinäkuu "
        "heinäkuuta | elo elokuu elokuuta | syys syyskuu syyskuuta | loka lokakuu lokakuuta | marras "
        "marraskuu marraskuuta | joulu joulukuu joulukuuta"
    ),
    "pl": (
        "sty styczeń stycznia | lut lutego luty | mar marca marzec | kwi kwiecień kwietnia | maj maja "
        "| cze czerwca czerwiec | lip lipca lipiec | sie sierpień sierpnia | wrz wrzesień września | "
        "paź październik października | lis listopad listopada | gru grudnia grudzień"
    ),
    "cs": (
        "led leden ledna | úno únor února | bře březen března | dub duben dubna | kvě květen května | "
        "červen června čvn | července červenec čvc | srp srpen srpna | zář září | říj říjen října | "
        "lis listopad listopadu | pro prosince prosinec"
    ),
    "sk": (
        "jan január januára | feb február februára | mar marca marec | apr apríl apríla | máj mája | "
        "jún júna | júl júla | aug august augusta | sep september septembra | okt október októbra | "
        "nov november novembra | dec december decembra"
    ),
    "hu": (
        "jan január | febr február | márc március | ápr április | máj május | jún június | júl július "
        "| aug augusztus | szept szeptember | okt október | nov november | dec december"
    ),
    "ro": (
        "ian ianuarie | feb februarie | mar martie | apr aprilie | mai | iun iunie | iul iulie | aug "
        "august | sept septembrie | oct octombrie | noiembrie nov | dec decembrie"
    ),
    "ru": (
        "янв январь января | февр февраль февраля | мар март марта | апр апрель апреля | май мая | "
        "июн июнь июня | июл июль июля | авг август августа | сент сентябрь сентября | окт октябрь "
        "октября | нояб ноябрь ноября | дек декабрь декабря"
    ),
    "uk": (
        "січ січень січня | лют лютий лютого | бер березень березня | квіт квітень квітня | трав "
        "травень травня | черв червень червня | лип липень липня | серп серпень серпня | вер вересень "
        "вересня | жовт жовтень жовтня | лист листопад листопада | груд грудень грудня"
    ),
    "bg": (
        "яну януари | фев февруари | март | апр април | май | юни | юли | авг август | сеп септември "
        "| окт октомври | ное ноември | дек декември"
    ),
    "el": (
        "ιαν ιανουάριος ιανουαρίου | φεβ φεβρουάριος φεβρουαρίου | μάρ μάρτιος μαρ μαρτίου | απρ "
        "απρίλιος απριλίου | μάι μάιος μαΐ μαΐου | ιουν ιουνίου ιούν ιούνιος | ιουλ ιουλίου ιούλ "
        "ιούλιος | αυγ αυγούστου αύγ αύγουστος | σεπ σεπτέμβριος σεπτεμβρίου | οκτ οκτωβρίου "
        "οκτώβριος | νοέ νοέμβριος νοε νοεμβρίου | δεκ δεκέμβριος δεκεμβρίου"
    ),
    "tr": (
        "oca ocak | şub şubat | mar mart | nis nisan | may mayıs | haz haziran | tem temmuz | ağu "
        "ağustos | eyl eylül | eki ekim | kas kasım | ara aralık"
    ),
    "ar": (
        "يناير | فبراير | مارس | أبريل إبريل | مايو | يونيو | يوليو | أغسطس | سبتمبر | أكتوبر | "
        "نوفمبر | ديسمبر"
    ),
    "he": (
        "ינואר ינו׳ | פברואר פבר׳ | מרץ | אפריל אפר׳ | מאי | יוני | יולי | אוגוסט אוג׳ | ספטמבר ספט׳ "
        "| אוקטובר אוק׳ | נובמבר נוב׳ | דצמבר דצמ׳"
    ),
    "hi": (
        "जनवरी जन॰ | फ़रवरी फ़र॰ | मार्च | अप्रैल | मई | जून | जुलाई जुल॰ | अगस्त अग॰ | सितंबर सित॰ | "
        "अक्टूबर अक्टू॰ | नवंबर नव॰ | दिसंबर दिस॰"
    ),
    "bn": (
        "জানু জানুয়ারি | ফেব ফেব্রুয়ারি | মার্চ | এপ্রি এপ্রিল | মে | জুন | জুল জুলাই | আগ আগস্ট | "
        "সেপ সেপ্ট সেপ্টেম্বর | অক্টো অক্টোবর | নভে নভেম্বর | ডিসে ডিসেম্বর"
    ),
    "th": (
        "ม.ค มกราคม | ก.พ กุมภาพันธ์ | มี.ค มีนาคม | เม.ย เมษายน | พ.ค พฤษภาคม | มิ.ย มิถุนายน | ก.ค "
        "กรกฎาคม | ส.ค สิงหาคม | ก.ย กันยายน | ต.ค ตุลาคม | พ.ย พฤศจิกายน | ธ.ค ธันวาคม"
    ),
    "id": (
        "jan januari | feb februari | mar maret | apr april | mei | jun juni | jul juli | agu agustus "
        "| sep september | okt oktober | nov november | des desember"
    ),
    "hr": (
        "sij siječanj siječnja | velj veljača veljače | ožu ožujak ožujka | tra travanj travnja | svi "
        "svibanj svibnja | lip lipanj lipnja | srp srpanj srpnja | kol kolovoz kolovoza | ruj rujan "
        "rujna | lis listopad listopada | stu studeni studenoga | pro prosinac prosinca"
    ),
    "sl": (
        "jan januar | feb februar | mar marec | apr april | maj | jun junij | jul julij | avg avgust "
        "| sep september | okt oktober | nov november | dec december"
    ),
    "sr": (
        "јан јануар | феб фебруар | мар март | апр април | мај | јун | јул | авг август | сеп "
        "септембар | окт октобар | нов новембар | дец децембар"
    ),
    "ca": (
        "gen gener | febr febrer | març | abr abril | maig | juny | jul juliol | ag agost | set "
        "setembre | oct octubre | nov novembre | des desembre"
    ),
    "et": (
        "jaan jaanuar | veebr veebruar | märts | apr aprill | mai | juuni | juuli | aug august | sept "
        "september | okt oktoober | nov november | dets detsember"
    ),
    "lv": (
        "janv janvāris | febr februāris | marts | apr aprīlis | maijs | jūn jūnijs | jūl jūlijs | aug "
        "augusts | sept septembris | okt oktobris | nov novembris | dec decembris"
    ),
    "lt": (
        "saus sausio sausis | vas vasario vasaris | kov kovas kovo | bal balandis balandžio | geg "
        "gegužė gegužės | birž birželio birželis | liep liepa liepos | rugp rugpjūtis rugpjūčio | "
        "rugs rugsėjis rugsėjo | spal spalio spalis | lapkr lapkritis lapkričio | gruod gruodis "
        "gruodžio"
    ),
    "fa": "ژانویه | فوریه | مارس | آوریل | مه | ژوئن | ژوئیه | اوت | سپتامبر | اکتبر | نوامبر | دسامبر",
}


@cache
def months_of(code: str) -> dict[str, int]:
    """The number of each month by its names in a language and, where they mean no other month, in English."""
    found: dict[str, int] = {}
    for language in (code, "en"):
        for number, names in enumerate(_NAMES.get(language, "").split("|"), 1):
            for name in names.split():
                found.setdefault(name, number)
    return found
