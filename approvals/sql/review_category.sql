-- The name of a category as review rules compare it: upper and lower case, spaces, hyphens and underscores
-- make no difference, as in the addresses of published categories. A unique index of approvals_reviewrule
-- uses it. It reads no table, so it needs no fixed search_path, which would keep PostgreSQL from inlining it.

CREATE OR REPLACE FUNCTION review_category(category text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(lower(category), '[\s_-]+', ' ', 'g'))
$$;
