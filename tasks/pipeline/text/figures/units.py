"""Units by their many names: what a figure counts or measures, where the text says so in words we know."""

from __future__ import annotations

PERCENT, POINTS = "percent", "percentage points"

# One unit a row: its name here, then every way it is written. Conversions are never assumed, so that a
# kilometre and a mile are different, and so are a kilometre and 1000 metres.
_WORDS = {
    PERCENT: "percent per_cent pct prozent v.h pourcent pour_cent por_ciento porciento per_cento por_cento "
    "procent procenten percent prosent prosenttia procento procenta procentu procentů процент процента "
    "процентов "
    "відсотків відсотка відсоток процента τοις_εκατό yüzde százalék la_sută phần_trăm persen بالمئة بالمائة "
    "في_المائة في_المئة אחוז אחוזים प्रतिशत फीसदी শতাংশ เปอร์เซ็นต์ ร้อยละ",
    POINTS: "percentage_point percentage_points percentage-point percentage-points pp ppt pps prozentpunkt "
    "prozentpunkte prozentpunkten "
    "point_de_pourcentage points_de_pourcentage punto_porcentual puntos_porcentuales punto_percentuale "
    "punti_percentuali procentpunt procentpunten ponto_percentual pontos_percentuais procentenhet "
    "procentenheter procentpoint процентных_пункта процентных_пунктов процентный_пункт п.п "
    "punkt_procentowy punkty_procentowe punktów_procentowych",
    "permille": "permille promille per_mille pour_mille per_mil промилле",
    "basis points": "basis_point basis_points bps basispunkte basispunkten",
    "dollar": "dollar dollars dólar dólares dollaro dollari доллар доллара долларов dolar dolarów dolarů "
    "dolares",
    "dollar.us": "usd us-dollar us-dollars us_dollar us_dollars dollars_américains dólares_estadounidenses",
    "dollar.au": "aud australian_dollar australian_dollars",
    "dollar.ca": "cad canadian_dollar canadian_dollars",
    "euro": "euro euros eur евро ευρώ يورو यूरो",
    # The word alone may be money or weight.
    "pound": "pound pounds",
    "pound.sterling": "gbp pounds_sterling pound_sterling sterling",
    "real": "real reais brl",
    "yen": "yen jpy jen иена иен",
    "yuan": "yuan cny rmb renminbi юань юаней",
    "franc": "chf franken swiss_francs francs_suisses franchi",
    "rupee": "inr rupee rupees rupien rupias roupies रुपये रुपए",
    "rouble": "rub rouble roubles ruble rubles rubel рубль рубля рублей руб",
    "won": "krw won",
    "cent": "cents centimes céntimos",
    "crown": "kr sek nok dkk czk kronen kronor kroner korun korony",
    "zloty": "pln zł złoty złote złotych",
    "km": "kilometre kilometres kilometer kilometers kilometern kilomètre kilomètres kilómetro kilómetros "
    "chilometro chilometri quilômetro quilômetros quilómetros kilometrów kilometry kilometrů "
    "километр километра километров км",
    "m": "metre metres meter meters metern mètre mètres metro metros metri metrów metrů метр метра метров",
    "cm": "centimetre centimetres centimeter centimeters zentimeter zentimetern centimètre centimètres "
    "centímetro centímetros centimetro centimetri сантиметр сантиметров сантиметра см",
    "mm": "millimetre millimetres millimeter millimeters millimetern millimètre millimètres milímetro "
    "milímetros millimetro millimetri миллиметр миллиметров миллиметра мм",
    "mile": "mile miles meile meilen milles_terrestres millas miglia mijl mijlen milhas миль мили",
    "nautical mile": "nautical_mile nautical_miles seemeile seemeilen milles_marins millas_náuticas nmi",
    "foot": "foot feet ft fuß pieds pies",
    "inch": "inch inches zoll pouces pulgadas",
    "yard": "yard yards yd",
    "m²": "sq_m sqm square_metre square_metres square_meter square_meters quadratmeter quadratmetern "
    "mètre_carré mètres_carrés metro_cuadrado metros_cuadrados metro_quadrato metri_quadrati metro_quadrado "
    "metros_quadrados vierkante_meter qm kvadratmeter кв_м квадратных_метров",
    "km²": "sq_km sqkm square_kilometre square_kilometres square_kilometer square_kilometers "
    "quadratkilometer "
    "quadratkilometern kilomètre_carré kilomètres_carrés kilómetros_cuadrados chilometri_quadrati "
    "quilômetros_quadrados quilómetros_quadrados vierkante_kilometer qkm кв_км квадратных_километров",
    "square mile": "square_mile square_miles sq_mi",
    "square foot": "square_foot square_feet sq_ft",
    "m³": "cubic_metre cubic_metres cubic_meter cubic_meters kubikmeter kubikmetern mètre_cube mètres_cubes "
    "metros_cúbicos metri_cubi kubieke_meter cbm кубометров",
    "cubic foot": "cubic_foot cubic_feet cu_ft",
    "hectare": "hectare hectares hektar ha hectárea hectáreas ettari ettaro hectaren hektarów га гектар "
    "гектаров",
    "acre": "acre acres",
    "kg": "kilogram kilograms kilogramme kilogrammes kilogramm kilo kilos kilogramo kilogramos chilogrammi "
    "chilogrammo chili quilogramas quilos kilogramów кг килограмм килограмма килограммов",
    "g": "gram grams gramme grammes gramm gramo gramos grammi grammo gramas gramů грамм грамма граммов",
    "mg": "milligram milligrams milligramme milligrammes milligramm miligramos milligrammi мг",
    "µg": "microgram micrograms mikrogramm microgrammes",
    "tonne": "tonne tonnes tonnen ton tons tonelada toneladas tonnellate tonnellata тонна тонны тонн ",
    "kilotonne": "kilotonne kilotonnes kilotonnen",
    "megatonne": "megatonne megatonnes megatonnen",
    "pound.mass": "lb lbs",
    "ounce": "ounce ounces oz",
    "litre": "litre litres liter liters litern litro litros litri litrów литр литра литров l",
    "ml": "millilitre millilitres milliliter milliliters mililitros millilitri мл",
    "gallon": "gallon gallons",
    "barrel": "barrel barrels",
    "hour": "hour hours hr hrs std stunde stunden heure heures hora horas ora ore uur час часа часов h ώρες",
    "minute": "minute minutes min mins minuten minuto minutos minuti minuut минута минуты минут мин",
    "second": "seconds sec secs sekunden sekunde secondes segundos secondi seconden секунд секунды",
    "millisecond": "millisecond milliseconds millisekunden millisecondes milisegundos",
    "day": "day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen день дня дней dni",
    "week": "week weeks woche wochen semaine semaines semana semanas settimana settimane weken неделя недели "
    "недель",
    "month": "month months monat monate monaten mois mes meses mese mesi maand maanden mês месяц месяца "
    "месяцев",
    "year": "year years yr yrs jahr jahre jahren an ans année año años anno anni jaar jaren ano anos год "
    "года лет lat",
    "decade": "decade decades jahrzehnt jahrzehnte jahrzehnten décennie décennies década décadas",
    "century": "century centuries jahrhundert jahrhunderte jahrhunderts jh siècle siècles siglo siglos "
    "secolo "
    "secoli eeuw eeuwen século séculos век века веке веков wieku wiek århundradet",
    "°C": "degrees_celsius degree_celsius grad_celsius degrés_celsius grados_celsius gradi_celsius celsius",
    "°F": "degrees_fahrenheit degree_fahrenheit fahrenheit",
    "degree": "degree degrees grad degrés degré grados gradi graden graus градус градуса градусов",
    "km/h": "kmh kph kilometres_per_hour kilometers_per_hour km_per_hour stundenkilometer "
    "kilomètres_à_l'heure",
    "mph": "mph miles_per_hour",
    "knot": "knot knots knoten nœuds nudos",
    "watt": "watt watts",
    "kilowatt": "kilowatt kilowatts",
    "megawatt": "megawatt megawatts",
    "gigawatt": "gigawatt gigawatts",
    "kWh": "kilowatt-hour kilowatt-hours kilowatt_hour kilowatt_hours kilowattstunde kilowattstunden",
    "MWh": "megawatt-hour megawatt-hours megawatt_hours megawattstunden",
    "volt": "volt volts",
    "byte": "byte bytes", "kilobyte": "kilobyte kilobytes", "megabyte": "megabyte megabytes",
    "gigabyte": "gigabyte gigabytes", "terabyte": "terabyte terabytes",
    "am": "a.m am", "pm": "p.m pm",
}  # fmt: skip
# Case counts: mm and Mm, g and G.
_SYMBOLS = {
    "%": PERCENT, "%포인트": POINTS,
    "‰": "permille", "€": "euro", "$": "dollar", "£": "pound.sterling", "¥": "yen",
    "₹": "rupee",
    "₽": "rouble", "₩": "won", "₫": "dong", "₺": "lira", "₴": "hryvnia", "₪": "shekel", "฿": "baht",
    "km": "km", "m": "m", "cm": "cm", "mm": "mm", "nm": "nm", "µm": "µm", "μm": "µm", "mi": "mile",
    "kg": "kg", "g": "g", "mg": "mg", "µg": "µg", "μg": "µg", "t": "tonne", "kt": "kilotonne",
    "Mt": "megatonne",
    "L": "litre", "l": "litre", "ml": "ml", "mL": "ml", "ha": "hectare", "s": "second", "ms": "millisecond",
    "µs": "microsecond", "ns": "nanosecond", "h": "hour", "W": "watt", "kW": "kilowatt", "MW": "megawatt",
    "GW": "gigawatt", "TW": "terawatt", "kWh": "kWh", "MWh": "MWh", "GWh": "GWh", "TWh": "TWh", "V": "volt",
    "A": "ampere", "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "Pa": "pascal",
    "hPa": "hectopascal", "kPa": "kilopascal", "MPa": "megapascal", "bar": "bar", "mbar": "millibar",
    "B": "byte", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "dB": "decibel", "°": "degree", "°C": "°C",
    "℃": "°C",
    "°F": "°F", "℉": "°F", "K": "kelvin", "J": "joule", "kJ": "kilojoule", "kcal": "kilocalorie",
    "ppm": "ppm",
    "ppb": "ppb", "N": "newton", "kN": "kilonewton", "Mbit": "megabit", "Gbit": "gigabit", "px": "pixel",
    "㎞": "km", "㎡": "m²", "㎏": "kg", "㎝": "cm", "㎜": "mm", "¢": "cent", "Uhr": "clock",
    "USD": "dollar.us",
}  # fmt: skip
# Of scripts without blanks, and of Korean, whose units are joined to the number.
_JOINED = {
    PERCENT: "パーセント 퍼센트 프로",
    POINTS: "ポイント パーセントポイント 个百分点 百分点 個百分點 퍼센트포인트 %포인트",
    "yuan": "元 人民币", "yen": "円 日元 日圓", "dollar": "美元 ドル 달러 ดอลลาร์", "dollar.us": "米ドル",
    "euro": "欧元 歐元 ユーロ 유로 ยูโร", "won": "원 ウォン", "baht": "บาท",
    "pound.sterling": "英镑 英鎊 ポンド",
    "km": "公里 千米 キロメートル 킬로미터 กิโลเมตร", "m": "米 メートル 미터 เมตร 公尺",
    "cm": "厘米 センチ センチメートル 센티미터 เซนติเมตร", "mm": "毫米 ミリ 밀리미터",
    "kg": "公斤 千克 キログラム 킬로그램 กิโลกรัม", "g": "克 グラム 그램 กรัม", "tonne": "吨 噸 トン 톤 ตัน",
    "m²": "平方米 平方公尺 平方メートル 제곱미터 ตารางเมตร",
    "km²": "平方公里 平方千米 平方キロメートル 제곱킬로미터 ตารางกิโลเมตร",
    "hectare": "公顷 公頃 ヘクタール 헥타르", "m³": "立方米 立方メートル", "litre": "升 リットル 리터 ลิตร",
    "year": "年 年間 년 년간 ปี", "month": "月 个月 個月 か月 ヶ月 カ月 월 개월 เดือน",
    "day": "日 天 日間 일 일간 วัน",
    "week": "周 週間 星期 주 สัปดาห์", "hour": "小时 小時 時間 시간 ชั่วโมง",
    "minute": "分钟 分鐘 分間 분 นาที",
    "second": "秒 秒間 초 วินาที", "century": "世纪 世紀 세기 ศตวรรษ", "decade": "年代 년대",
    "degree": "度 도 องศา", "°C": "摄氏度 攝氏度 องศาเซลเซียส",
}  # fmt: skip
_PREFIXED = {
    "US$": "dollar.us", "A$": "dollar.au", "AU$": "dollar.au", "C$": "dollar.ca", "CA$": "dollar.ca",
    "HK$": "dollar.hk", "NZ$": "dollar.nz", "S$": "dollar.sg", "R$": "real", "NT$": "dollar.tw",
    "Rs": "rupee",
    "EUR": "euro", "USD": "dollar.us", "GBP": "pound.sterling", "JPY": "yen", "CNY": "yuan", "CHF": "franc",
    "INR": "rupee",
    "AUD": "dollar.au", "CAD": "dollar.ca", "SEK": "crown", "NOK": "crown", "DKK": "crown", "PLN": "zloty",
    "RUB": "rouble", "RMB": "yuan", "Fr": "franc", "kr": "crown",
}  # fmt: skip

_BY_WORD = {name.replace("_", " "): unit for unit, names in _WORDS.items() for name in names.split()}
BY_JOINED = {name: unit for unit, names in _JOINED.items() for name in names.split()}
CURRENCIES = frozenset("€$£¥₹₽₩₫₺₴₪฿")
BEFORE = _PREFIXED | {sign: _SYMBOLS[sign] for sign in sorted(CURRENCIES)}
_OF_TWO_WORDS = frozenset(name.split(" ")[0] for name in _BY_WORD if " " in name)


TEMPERATURES = frozenset({"°C", "°F", "degree"})


def unit_of(word: str) -> str:
    """The unit of a word or a symbol; "" for none."""
    return _SYMBOLS.get(word) or _BY_WORD.get(word.lower(), "")


def raised_unit(unit: str, power: str) -> str:
    """Square or cubic: a unit with ² or ³ after it."""
    long_name = {"²": "square", "³": "cubic"}[power]
    return f"{long_name} {unit}" if unit in ("foot", "mile", "inch", "yard") else f"{unit}{power}"


def may_begin_unit(word: str) -> bool:
    """Whether a unit of several words may begin with this one."""
    return word.lower() in _OF_TWO_WORDS


def are_compatible(one: str, other: str) -> bool:
    """Whether two units may be the same: one may say more than the other, of a currency or a degree."""
    if one == other or one.startswith(f"{other}.") or other.startswith(f"{one}."):
        return True
    return "degree" in (one, other) and {one, other} <= TEMPERATURES
