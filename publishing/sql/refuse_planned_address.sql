-- A post does not take an address (slug) for which another text is scheduled.
-- The other half of refuse_address_of_another_text.sql.

CREATE OR REPLACE FUNCTION refuse_planned_address() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (
        SELECT FROM publishing_schedule
        WHERE slug = NEW.slug AND ended_at IS NULL AND draft_id <> NEW.draft_id)
    THEN
        RAISE EXCEPTION 'post "%" cannot have this address: another text is planned to go online there',
            NEW.slug USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER address_is_not_planned BEFORE INSERT OR UPDATE OF slug, draft_id ON publishing_post
    FOR EACH ROW EXECUTE FUNCTION refuse_planned_address();
