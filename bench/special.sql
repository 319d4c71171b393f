-- After the readers were measured: a skill that 100,000 have pinned, once to
-- write with the rules and once without, and an author who writes version after
-- version, here and in a bare table.

SET session_replication_role = replica;
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by)
SELECT 'crowd', 'sk_' || lpad(k::text, 26, '0'), 'crowded-' || k, 'org', 'ann' FROM generate_series(1, 4) AS k;
INSERT INTO skills.skill (org_id, skill_id, name, accessibility, created_by)
SELECT 'writers', 'sk_' || lpad(k::text, 26, '0'), 'skill-' || k, 'org', 'ann' FROM generate_series(1, 50) AS k;
INSERT INTO skills.skill_version (org_id, skill_id, version, description, body, author, accessibility, created_by)
SELECT s.org_id, s.skill_id, v, 'When', 'What', s.created_by, s.accessibility, s.created_by
FROM skills.skill AS s, generate_series(1, 3) AS v WHERE s.org_id IN ('crowd', 'writers');
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)
SELECT s.org_id, 'user' || u, s.skill_id, 2 FROM generate_series(1, 100000) AS u, skills.skill AS s WHERE s.org_id = 'crowd';

CREATE SCHEMA bench;
CREATE TABLE bench.version (LIKE skills.skill_version INCLUDING STORAGE INCLUDING INDEXES) WITH (toast_tuple_target = 128);
INSERT INTO bench.version
SELECT org_id, skill_id, version, description, '', relevant_topics, frontmatter, author, accessibility,
	created, created_by, modified, modified_by, revision
FROM skills.skill_version;
