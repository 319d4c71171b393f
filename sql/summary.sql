-- What a list of skills shows: each visible skill with its latest version and
-- the caller's own subscription. The caller is named, too, for roles that
-- bypass row security.

CREATE VIEW skills.skill_summary WITH (security_invoker = true) AS
SELECT s.org_id, s.skill_id, s.name, s.accessibility, s.tags,
	s.created, s.created_by, s.modified, s.modified_by, s.revision,
	v.version AS latest_version,
	v.description AS latest_description,
	v.body AS latest_body,
	v.relevant_topics AS latest_relevant_topics,
	v.created AS latest_created,
	v.modified AS latest_modified,
	t.skill_id IS NOT NULL AS is_subscribed,
	t.ai_version,
	t.subscribed,
	s.created_by = skills.current_user_id() AS is_author,
	skills.can_edit(s.created_by, s.accessibility, t.skill_id IS NOT NULL) AS can_edit
FROM skills.skill AS s
LEFT JOIN LATERAL (
	SELECT l.version, l.description, l.body, l.relevant_topics, l.created, l.modified
	FROM skills.skill_version AS l
	WHERE l.org_id = s.org_id AND l.skill_id = s.skill_id
	ORDER BY l.version DESC LIMIT 1) AS v ON true
LEFT JOIN skills.skill_subscription AS t
	ON t.org_id = s.org_id AND t.user_id = skills.current_user_id() AND t.skill_id = s.skill_id
WHERE s.org_id = skills.current_org_id() AND skills.can_see(s.created_by, s.accessibility);
COMMENT ON VIEW skills.skill_summary IS 'Every visible skill with its latest version and the caller''s own subscription';
COMMENT ON COLUMN skills.skill_summary.org_id IS 'The organisation (tenant)';
COMMENT ON COLUMN skills.skill_summary.skill_id IS 'Identifier of the skill';
COMMENT ON COLUMN skills.skill_summary.name IS 'Name of the skill';
COMMENT ON COLUMN skills.skill_summary.accessibility IS 'private, org or org-editable';
COMMENT ON COLUMN skills.skill_summary.tags IS 'Tags of the skill, sorted';
COMMENT ON COLUMN skills.skill_summary.created IS 'When the skill was created';
COMMENT ON COLUMN skills.skill_summary.created_by IS 'The author';
COMMENT ON COLUMN skills.skill_summary.modified IS 'When the skill was last written';
COMMENT ON COLUMN skills.skill_summary.modified_by IS 'Who last wrote the skill';
COMMENT ON COLUMN skills.skill_summary.revision IS 'Revision of the skill, for optimistic locking';
COMMENT ON COLUMN skills.skill_summary.latest_version IS 'The highest version number';
COMMENT ON COLUMN skills.skill_summary.latest_description IS 'Description of the latest version';
COMMENT ON COLUMN skills.skill_summary.latest_body IS 'Body of the latest version; leave it out of listings, it may be long';
COMMENT ON COLUMN skills.skill_summary.latest_relevant_topics IS 'Topics of the latest version';
COMMENT ON COLUMN skills.skill_summary.latest_created IS 'When the latest version was created';
COMMENT ON COLUMN skills.skill_summary.latest_modified IS 'When the latest version was last written';
COMMENT ON COLUMN skills.skill_summary.is_subscribed IS 'Whether the caller is subscribed';
COMMENT ON COLUMN skills.skill_summary.ai_version IS 'The caller''s pin';
COMMENT ON COLUMN skills.skill_summary.subscribed IS 'When the caller subscribed';
COMMENT ON COLUMN skills.skill_summary.is_author IS 'Whether the caller is the author';
COMMENT ON COLUMN skills.skill_summary.can_edit IS 'Whether the caller may edit name, tags and versions';

CREATE FUNCTION skills.get_skill_summary(skill_id text) RETURNS skills.skill_summary
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	summary skills.skill_summary;
BEGIN
	PERFORM skills.require_argument('skill_id', get_skill_summary.skill_id IS NOT NULL);
	SELECT s.* INTO summary FROM skills.skill_summary AS s
	WHERE s.org_id = skills.current_org_id() AND s.skill_id = get_skill_summary.skill_id;
	IF NOT FOUND THEN
		PERFORM skills.no_such(get_skill_summary.skill_id);
	END IF;
	RETURN summary;
END
$$;
REVOKE ALL ON FUNCTION skills.get_skill_summary(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.get_skill_summary(text) IS 'The skill with its latest version and the caller''s subscription; P0002 if the caller sees none of that id';

CREATE FUNCTION skills.list_skills(scope text DEFAULT NULL, max_rows integer DEFAULT NULL, after text DEFAULT NULL)
RETURNS TABLE (
	org_id text, skill_id text, name text, accessibility text, tags text[],
	created timestamptz, created_by text, modified timestamptz, modified_by text, revision integer,
	latest_version integer, latest_description text, latest_body text, latest_relevant_topics text[],
	latest_created timestamptz, latest_modified timestamptz,
	is_subscribed boolean, ai_version integer, subscribed timestamptz,
	is_author boolean, can_edit boolean, page_token text)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_list_skills';
REVOKE ALL ON FUNCTION skills.list_skills(text, integer, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.list_skills(text, integer, text) IS 'The visible skills by name, a page at a time; scope personal: authored or subscribed, org: shared by somebody else, NULL: all; after: the page_token of the last row seen';
