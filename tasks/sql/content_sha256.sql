-- The hash of everything a reader sees of a draft: what tasks.content.content_sha256 returns for the same
-- content. Keys in alphabetical order. canonical_json.sql has to be loaded first.

CREATE OR REPLACE FUNCTION content_sha256(
    title text, slug text, summary text, body text, seo_title text, seo_description text, category text,
    tags text[], cover_image text, cover_alt text, cover_credit text, citations jsonb
) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path FROM CURRENT AS $$
    SELECT encode(sha256(convert_to(
        '{"body":' || to_json(body)::text
        || ',"category":' || to_json(category)::text
        || ',"citations":' || canonical_json(citations)
        || ',"cover_alt":' || to_json(cover_alt)::text
        || ',"cover_credit":' || to_json(cover_credit)::text
        || ',"cover_image":' || to_json(cover_image)::text
        || ',"seo_description":' || to_json(seo_description)::text
        || ',"seo_title":' || to_json(seo_title)::text
        || ',"slug":' || to_json(slug)::text
        || ',"summary":' || to_json(summary)::text
        || ',"tags":' || array_to_json(tags)::text
        || ',"title":' || to_json(title)::text
        || '}', 'UTF8')), 'hex')
$$;
