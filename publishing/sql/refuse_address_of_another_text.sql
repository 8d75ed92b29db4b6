-- A publication is not scheduled at an address (slug) that another text has, or had.
-- A unique index keeps two schedules from having one address. A schedule and a post are in two tables: this
-- trigger and that of refuse_planned_address.sql keep them apart, and the code locks an address before it
-- checks (publishing.redirects.hold_addresses).

CREATE OR REPLACE FUNCTION refuse_address_of_another_text() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM publishing_post WHERE slug = NEW.slug AND draft_id <> NEW.draft_id
        UNION ALL
        SELECT FROM publishing_redirect redirect JOIN publishing_post post ON post.id = redirect.post_id
        WHERE redirect.slug = NEW.slug AND post.draft_id <> NEW.draft_id)
    THEN
        RAISE EXCEPTION 'draft % cannot be planned at the address "%": another text has it, or had it',
            NEW.draft_id, NEW.slug USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER address_is_free BEFORE INSERT OR UPDATE OF slug, draft_id, ended_at ON publishing_schedule
    FOR EACH ROW WHEN (NEW.ended_at IS NULL AND NEW.slug <> '')
    EXECUTE FUNCTION refuse_address_of_another_text();
