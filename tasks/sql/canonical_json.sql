-- A JSON value as the same bytes that tasks.content.canonical_json writes: keys sorted by code point (COLLATE
-- "C"), no spaces, no escapes. Numbers are as jsonb has them; those of citations are whole.

CREATE OR REPLACE FUNCTION canonical_json(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT AS $$
BEGIN
    CASE jsonb_typeof(value)
    WHEN 'object' THEN
        RETURN '{' || coalesce((
            SELECT string_agg(to_json(item.key)::text || ':' || canonical_json(item.value), ','
                              ORDER BY item.key COLLATE "C")
            FROM jsonb_each(value) AS item), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((
            SELECT string_agg(canonical_json(item.value), ',' ORDER BY item.place)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, place)), '') || ']';
    WHEN 'string' THEN
        RETURN to_json(value #>> '{}')::text;
    ELSE
        RETURN value::text;
    END CASE;
END $$;
