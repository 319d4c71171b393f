-- What a user's AI may load by itself, and the tool that a model is given.

CREATE FUNCTION skills.ai_registry(user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id())
RETURNS TABLE (name text, skill_id text, version integer, description text, relevant_topics text[], accessibility text, created_by text)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_ai_registry';
REVOKE ALL ON FUNCTION skills.ai_registry(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.ai_registry(text, text) IS 'Every skill that the user pinned, one a name, the private one before the shared one, in byte order of name; another user than the caller needs SET on both identity parameters';

CREATE FUNCTION skills.explain_registry(user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id())
RETURNS TABLE (name text, skill_id text, ai_version integer, latest_version integer, offered boolean, reason text)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_explain_registry';
REVOKE ALL ON FUNCTION skills.explain_registry(text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.explain_registry(text, text) IS 'Every subscription of the user, and why the registry offers it or not';

CREATE FUNCTION skills.load_skill_tool(format text DEFAULT 'anthropic', budget integer DEFAULT NULL, user_id text DEFAULT skills.current_user_id(), org_id text DEFAULT skills.current_org_id())
RETURNS TABLE (tool json, digest text, offered integer, trimmed integer)
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_load_skill_tool';
REVOKE ALL ON FUNCTION skills.load_skill_tool(text, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.load_skill_tool(text, integer, text, text) IS 'The registry as the definition of the tool load_skill, for anthropic, openai, openai-chat or mcp; no row if nothing is offered; select tool::text for the very bytes, of which digest is the sha256';

CREATE FUNCTION skills.load_skill(name text)
RETURNS TABLE (name text, skill_id text, version integer, description text, body text, relevant_topics text[])
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'skills_load_skill';
REVOKE ALL ON FUNCTION skills.load_skill(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.load_skill(text) IS 'What the tool call gives: the pinned version of the skill of that name; P0002 if it is not in the caller''s registry';
