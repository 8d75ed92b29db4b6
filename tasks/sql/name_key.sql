-- What names of categories and tags are compared by. Upper and lower case, dots of i, blanks, hyphens, dashes,
-- underscores, kinds of apostrophes, joiners, points that Hebrew and Arabic are written with or without, and Unicode
-- forms make no difference. Signs such as + and # do, so does a hyphen after up to three letters at the end (O- is not
-- O) or before a figure, and an exponent or a fraction is not the digits it is written with (10⁶ is "10^6"). The only
-- such rule: guidelines, review rules, published categories and tags and their indexes use it, in Python through
-- tasks.naming. It reads no table, so it needs no fixed search_path, which would keep PostgreSQL from inlining it.

CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        replace(replace(translate(
            lower(normalize(
                regexp_replace(regexp_replace(regexp_replace(replace(name, '´', ''''),
                    '[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]+', '', 'g'),
                    '[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[㎟-㎦]', '^\&', 'g'),
                    '[¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉]', ' \&', 'g'),
                NFKC)),
            '‘’ʼʻʹʾʿʽ`′׳״⁄‐‑‒–—−٪♯ςı', '''''''''''''''''''''''"/------%#σi'), U&'i\0307', 'i'), 'ß', 'ss'),
        '[\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7]+', '', 'g'),
        '\^([a-z]{1,2})([23])', '\1^\2', 'g'),
        '(\d)\s+%', '\1%', 'g'),
        '([^\s_-])[\s_-]+(?=[^\s_-])', '\1 ', 'g'),
        '[\s_][\s_-]*$', ''),
        '(?<!(^|\s)[^\s\d-]{1,3})-+$', ''),
        '^([\s_-]*[\s_])?(-+(?=[^-\d]))?', '')
$$;
