-- What names of categories and tags are compared by. Upper and lower case, blanks, hyphens, dashes, underscores,
-- kinds of apostrophes, joiners and Unicode forms make no difference; signs such as + and # do, and an exponent or
-- a fraction is not the digits it is written with (10⁶ is "10^6"). The only such rule: guidelines, review rules,
-- published categories and tags and their indexes use it, in Python through tasks.naming. It reads no table, so
-- it needs no fixed search_path, which would keep PostgreSQL from inlining it.

CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        replace(replace(replace(translate(
            lower(normalize(
                regexp_replace(regexp_replace(regexp_replace(name,
                    '[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]+', '', 'g'),
                    '[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+', '^\&', 'g'),
                    '[¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞↉]', ' \&', 'g'),
                NFKC)),
            '‘’ʼ⁄‐‑‒–—−', '''''''/------'), U&'i\0307', 'i'), 'ß', 'ss'), 'ς', 'σ'),
        '[\s_-]+', ' ', 'g'))
$$;
