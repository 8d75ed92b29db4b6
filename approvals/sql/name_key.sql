-- What names of categories and tags are compared by: upper and lower case, spaces, hyphens, underscores and
-- Unicode forms make no difference. The only such rule: review rules, published categories and tags and their
-- unique indexes use it, in Python through publishing.category_names. It reads no table, so it needs no fixed
-- search_path, which would keep PostgreSQL from inlining it.

CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(
        replace(replace(replace(lower(normalize(name, NFKC)), U&'i\0307', 'i'), 'ß', 'ss'), 'ς', 'σ'),
        '[\s_-]+', ' ', 'g'))
$$;
