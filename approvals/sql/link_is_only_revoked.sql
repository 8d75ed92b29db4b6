-- A preview link is evidence of what was shown to whom: it can be revoked once, and not be changed otherwise.

CREATE OR REPLACE FUNCTION link_is_only_revoked() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
        OR to_jsonb(NEW) - '{revoked_at,revoked_by_name}'::text[]
            <> to_jsonb(OLD) - '{revoked_at,revoked_by_name}'::text[]
    THEN
        RAISE EXCEPTION 'a link can be revoked, and not be changed otherwise'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER only_revoked BEFORE UPDATE ON approvals_previewlink
    FOR EACH ROW EXECUTE FUNCTION link_is_only_revoked();
