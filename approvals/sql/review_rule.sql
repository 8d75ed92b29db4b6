-- The review rule of a category: its own, else the one for all categories (named ''), else the strict default
-- (four eyes, one approval). Returns exactly one row. The code asks this function too.

CREATE OR REPLACE FUNCTION review_rule(wanted text, OUT four_eyes boolean, OUT approvals_needed smallint)
LANGUAGE sql STABLE
SET search_path FROM CURRENT AS $$
    SELECT found.four_eyes, found.approvals_needed
    FROM (
        SELECT rule.four_eyes, rule.approvals_needed, CASE rule.category WHEN '' THEN 1 ELSE 2 END AS rank
        FROM approvals_reviewrule rule
        WHERE name_key(rule.category) IN (name_key(wanted), '')
        UNION ALL SELECT true, 1::smallint, 0
    ) AS found
    ORDER BY rank DESC LIMIT 1
$$;
