-- Sign-off feedback comes through a sign-off link that is neither revoked nor expired, about the version that
-- the link shows, from the person it was made for.

CREATE OR REPLACE FUNCTION opinion_comes_through_its_link() RETURNS trigger
LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    PERFORM 1 FROM approvals_previewlink
        WHERE id = NEW.link_id AND kind = 'sign_off' AND revoked_at IS NULL AND expires_at > now()
            AND (draft_id, version, content_sha256, person)
                = (NEW.draft_id, NEW.version, NEW.content_sha256, NEW.person)
        FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'link % does not take this opinion', NEW.link_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER through_its_link BEFORE INSERT ON approvals_opinion
    FOR EACH ROW EXECUTE FUNCTION opinion_comes_through_its_link();
