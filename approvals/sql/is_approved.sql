-- Whether this text (a version of a draft, by its hash) has as many approvals, by different people, as the
-- rule required when the last of them was given. A later rejection or change request about the version
-- withdraws the approvals before it.

CREATE OR REPLACE FUNCTION is_approved(draft bigint, of_version integer, of_sha256 text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path FROM CURRENT AS $$
    SELECT coalesce(count(DISTINCT actor_id) >= (array_agg(approvals_needed ORDER BY id DESC))[1], false)
    FROM approvals_decision
    WHERE draft_id = draft AND version = of_version AND content_sha256 = of_sha256
        AND decision = 'approve' AND id > coalesce((
            SELECT max(id) FROM approvals_decision
            WHERE draft_id = draft AND version = of_version AND decision <> 'approve'), 0)
$$;
