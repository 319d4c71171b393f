-- What only a DBA may do: pass a skill on to another author, forget a user,
-- forget an org.
--
-- Who. A role that row security holds back on none of the tables and that has
-- EXECUTE, which skills.grant_usage() does not give; another one would do half
-- the work, so 42501. They run as their caller, whose privileges on the tables
-- count. An identity that is set changes nothing: the DBA acts, not that user,
-- and modified_by becomes NULL.
--
-- How. Their statements are the database's own, so triggers know them (src/
-- statement.c): created_by is fixed for everybody else. What follows from a
-- new author is the skill's trigger's: its name is free there, versions and
-- files carry the author, who is subscribed, and the former one no longer sees
-- a private skill. They read what is committed by now, and in REPEATABLE READ
-- and SERIALIZABLE end in 40001 where the transaction does not see that.
--
-- Locks. The rows of all skills concerned, in the order of their ids, before
-- anything that belongs to them. Batches of 1,000 skills keep the queue of
-- triggers short, so that memory does not grow with the org.
--
-- What is written meanwhile by a transaction that commits later stays: first
-- take from the user, or the org, what lets them in; who is in doubt calls the
-- function again, which finds nothing the second time.

CREATE FUNCTION skills.transfer_skill(org_id text, skill_id text, new_author text) RETURNS skills.skill
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'skills_transfer_skill';
REVOKE ALL ON FUNCTION skills.transfer_skill(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.transfer_skill(text, text, text) IS 'For a DBA: the skill gets another author, who is subscribed to it; the former one keeps a subscription to a shared skill only; who wrote its versions stays';

CREATE FUNCTION skills.forget_user(org_id text, user_id text, heir text) RETURNS TABLE (skills_deleted bigint, versions_deleted bigint, files_deleted bigint, subscriptions_deleted bigint, skills_transferred bigint, rows_rewritten bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
	AS 'MODULE_PATHNAME', 'skills_forget_user';
REVOKE ALL ON FUNCTION skills.forget_user(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION skills.forget_user(text, text, text) IS 'For a DBA: no column of the org holds the user''s id any more; private skills and subscriptions are deleted, shared skills pass to the heir; with NULL for the heir they are deleted for all who subscribe to them';

CREATE FUNCTION skills.forget_org(org_id text) RETURNS TABLE (skills_deleted bigint, versions_deleted bigint, files_deleted bigint, subscriptions_deleted bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 1
	AS 'MODULE_PATHNAME', 'skills_forget_org';
REVOKE ALL ON FUNCTION skills.forget_org(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.forget_org(text) IS 'For a DBA: deletes all skills of the org, with their versions, files and subscriptions';
