--
-- What touches 100,000 rows is one statement inside, and costs about what that
-- statement costs: the trigger's own UPDATE or DELETE, at most three times a
-- plain one here, where times vary, and ten times on a server with assertions,
-- which checks memory in every call. The server's log has the figures.
--
\set VERBOSITY terse
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by) VALUES
	('many', regress.id('1'), 'crowded', 'org', 'ann'), ('many', regress.id('2'), 'plain', 'org', 'ann');
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by)
SELECT 'many', regress.id(k), v, 'When', 'What', 'ann', 'org', 'ann' FROM unnest('{1,2}'::text[]) AS k, generate_series(1, 2) AS v;
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
SELECT 'many', 'u' || i, regress.id(k), 1 FROM generate_series(1, 100000) AS i, unnest('{1,2}'::text[]) AS k;
ANALYZE skills.skill_subscription;

CREATE FUNCTION regress.seconds(statement text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
BEGIN
	EXECUTE statement;
	RETURN extract(epoch FROM clock_timestamp() - started);
END
$$;
CREATE FUNCTION regress.side_by_side(plain text, ruled text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	at_most int := CASE WHEN current_setting('debug_assertions')::bool THEN 10 ELSE 3 END;
	plain_seconds float := 0;
	ruled_seconds float := 0;
BEGIN
	-- In turn, and undone; the first of each is for the caches.
	FOR i IN 0..3 LOOP
		BEGIN
			plain_seconds := plain_seconds + regress.seconds(plain) * sign(i);
			RAISE EXCEPTION USING ERRCODE = 'UNDO0';
		EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
		END;
		BEGIN
			ruled_seconds := ruled_seconds + regress.seconds(ruled) * sign(i);
			RAISE EXCEPTION USING ERRCODE = 'UNDO0';
		EXCEPTION WHEN SQLSTATE 'UNDO0' THEN
		END;
	END LOOP;
	RAISE LOG 'set_based: plain % s, with the rules % s, ratio %',
		plain_seconds / 3, ruled_seconds / 3, ruled_seconds / plain_seconds;
	RETURN CASE WHEN ruled_seconds < at_most * plain_seconds THEN 'set-based'
		ELSE format('%s times the plain statement', ruled_seconds / plain_seconds) END;
END
$$;

-- The plain statements run on a copy without triggers.
CREATE TABLE regress.subscription (LIKE skills.skill_subscription INCLUDING ALL);
ALTER TABLE regress.subscription ADD FOREIGN KEY (org_id, skill_id) REFERENCES skills.skill ON DELETE CASCADE,
	ADD FOREIGN KEY (org_id, skill_id, ai_version) REFERENCES skills.skill_version;
INSERT INTO regress.subscription SELECT * FROM skills.skill_subscription WHERE org_id = 'many' AND skill_id = regress.id('2');
VACUUM ANALYZE regress.subscription;
VACUUM ANALYZE skills.skill_subscription;

-- A version that 100,000 have pinned goes.
SELECT regress.side_by_side(
	$$UPDATE regress.subscription SET ai_version = NULL WHERE org_id = 'many' AND skill_id = regress.id('2') AND ai_version = 1$$,
	$$DELETE FROM skills.skill_version WHERE org_id = 'many' AND skill_id = regress.id('1') AND version = 1$$);
-- A skill that 100,000 are subscribed to becomes private.
SELECT regress.side_by_side(
	$$DELETE FROM regress.subscription WHERE org_id = 'many' AND skill_id = regress.id('2') AND user_id <> 'ann'$$,
	$$UPDATE skills.skill SET accessibility = 'private' WHERE org_id = 'many' AND skill_id = regress.id('1')$$);

-- A skill of 10 versions with 512 files each becomes private: contents are not read, nor moved.
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by) VALUES ('many', regress.id('3'), 'packed', 'org', 'ann');
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by)
SELECT 'many', regress.id('3'), v, 'When', 'What', 'ann', 'org', 'ann' FROM generate_series(1, 10) AS v;
INSERT INTO skills.skill_file (org_id, skill_id, version, path, content, size, sha256, author, accessibility, created_by)
SELECT 'many', regress.id('3'), v, 'references/' || i || '.md', c, octet_length(c), encode(sha256(c), 'hex'), 'ann', 'org', 'ann'
FROM generate_series(1, 10) AS v, generate_series(1, 512) AS i, convert_to(repeat(md5(i::text), i % 200), 'UTF8') AS c;
CREATE TABLE regress.file (LIKE skills.skill_file INCLUDING ALL);
ALTER TABLE regress.file ADD FOREIGN KEY (org_id, skill_id, version) REFERENCES skills.skill_version ON DELETE CASCADE;
INSERT INTO regress.file SELECT * FROM skills.skill_file WHERE org_id = 'many';
VACUUM ANALYZE regress.file;
VACUUM ANALYZE skills.skill_file;
SELECT regress.side_by_side(
	$$UPDATE regress.file SET accessibility = 'private' WHERE org_id = 'many' AND skill_id = regress.id('3')$$,
	$$UPDATE skills.skill SET accessibility = 'private' WHERE org_id = 'many' AND skill_id = regress.id('3')$$);
-- As many files as a version may have are written in one statement, and counted once, not once each.
BEGIN;
SELECT skills.set_identity('ann', 'many');
SELECT seq_tup_read + idx_tup_fetch AS before FROM pg_stat_xact_user_tables WHERE relid = 'skills.skill_file'::regclass \gset
INSERT INTO skills.skill_file (skill_id, version, path, content) SELECT regress.id('2'), 1, 'f/' || i, '' FROM generate_series(1, 511) AS i;
SELECT seq_tup_read + idx_tup_fetch - :before AS read FROM pg_stat_xact_user_tables WHERE relid = 'skills.skill_file'::regclass;
ROLLBACK;

-- And does what it should.
SELECT skills.set_identity('ann', 'many', false);
SELECT skills.delete_version(regress.id('1'), 1);
SELECT count(*), count(ai_version) AS pinned FROM skills.skill_subscription WHERE skill_id = regress.id('1');
SELECT revision FROM skills.update_skill(regress.id('1'), accessibility => 'private');
SELECT count(*) FROM skills.skill_subscription WHERE skill_id = regress.id('1');
SELECT revision FROM skills.update_skill(regress.id('3'), accessibility => 'private');
SELECT accessibility, count(*) FROM skills.skill_file WHERE org_id = 'many' GROUP BY 1;
SELECT * FROM regress.violation;
RESET skills.user_id;
RESET skills.org_id;
DELETE FROM skills.skill WHERE org_id = 'many';
SELECT count(*) FROM skills.skill_subscription WHERE org_id = 'many';
SELECT count(*) FROM skills.skill_file WHERE org_id = 'many';
DROP TABLE regress.subscription, regress.file;
DROP FUNCTION regress.seconds, regress.side_by_side;
