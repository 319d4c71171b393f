--
-- The registry: what is pinned, one a name, in byte order; and why.
--
SET ROLE regress_skills_app;
SELECT skills.set_identity('rex', 'registry', false);
SELECT skill_id AS shared FROM skills.create_skill('deploy', 'Shared', 'Deploy it', 'org') \gset
SELECT skill_id AS zoo FROM skills.create_skill('zoo', 'Zoo', 'Feed them', 'org-editable', relevant_topics => '{animals}') \gset
SELECT skill_id AS upper FROM skills.create_skill('Zoo', 'Capital', 'Feed THEM', 'org') \gset
SELECT skill_id AS secret FROM skills.create_skill('secret', 'Secret', 'Hush') \gset
SELECT skills.set_identity('sue', 'registry', false);
SELECT skill_id AS own FROM skills.create_skill('deploy', 'Own', 'Deploy it my way') \gset
SELECT ai_version FROM skills.set_ai_version(:'shared', 1);
SELECT ai_version FROM skills.set_ai_version(:'zoo', 1);
SELECT ai_version FROM skills.subscribe(:'upper');

-- The private one shadows the shared one of its name.
SELECT name, skill_id = :'own' AS own, version, description, relevant_topics, accessibility, created_by FROM skills.ai_registry();
SELECT name, accessibility, e.ai_version, e.latest_version, offered, replace(reason, :'own', '(own)') AS reason
FROM skills.explain_registry() AS e JOIN skills.skill AS s USING (skill_id, name) ORDER BY name, accessibility;
SELECT body FROM skills.load_skill('deploy');
-- Unpinned, it shadows nothing here; by hand it is still the one meant.
SELECT ai_version FROM skills.set_ai_version(:'own', NULL);
SELECT name, skill_id = :'shared' AS shared FROM skills.ai_registry();
SELECT name, offered, reason FROM skills.explain_registry() ORDER BY name, reason;
SELECT body FROM skills.load_skill('deploy');
SELECT body FROM skills.resolve_skill('/deploy');
-- A newer version moves nothing, and is told.
SELECT version FROM skills.create_version(:'zoo', 'Zoo 2', 'Feed them twice');
SELECT version, description, body FROM skills.load_skill('zoo');
SELECT name, ai_version, latest_version, offered, reason FROM skills.explain_registry() WHERE name = 'zoo';
SELECT ai_version FROM skills.set_ai_version(:'zoo', 2);
SELECT version, description, body FROM skills.load_skill('zoo');
SELECT skills.delete_version(:'zoo', 2);
SELECT skills.load_skill('zoo');
SELECT skills.load_skill('Zoo');
SELECT skills.load_skill('secret');
SELECT skills.load_skill('absent');

-- Of another: for a role that could have set both parameters.
SELECT name FROM skills.ai_registry('rex', 'registry');
SELECT name FROM skills.ai_registry(user_id => 'rex');
SELECT name FROM skills.ai_registry(org_id => 'elsewhere');
SELECT offered FROM skills.load_skill_tool(user_id => 'rex');
SELECT count(*) FROM skills.explain_registry('rex');
SELECT skills.current_user_id(), skills.current_org_id();
SELECT skills.ai_registry('', 'registry');
-- One statement with both ids, and no identity set.
SELECT skills.set_identity('', '', false);
SELECT name FROM skills.ai_registry('sue', 'registry');
SELECT offered FROM skills.load_skill_tool('anthropic', NULL, 'sue', 'registry');
SELECT skills.ai_registry();
SELECT skills.ai_registry('sue');
SELECT skills.ai_registry(NULL, NULL);
SELECT skills.load_skill_tool();
RESET ROLE;
-- Others may name themselves only.
SELECT skills.set_identity('sue', 'registry', false);
SET ROLE regress_skills_person;
SELECT name FROM skills.ai_registry();
SELECT name FROM skills.ai_registry('sue', 'registry');
SELECT skills.ai_registry('rex', 'registry');
SELECT skills.ai_registry('sue', 'elsewhere');
SELECT skills.explain_registry('rex');
SELECT skills.load_skill_tool(user_id => 'rex');
RESET ROLE;

-- The registry of one user is an index-only scan of what the user has pinned.
RESET skills.user_id;
RESET skills.org_id;
BEGIN;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT skills.set_identity('sue', 'registry');
SET LOCAL ROLE regress_skills_app;
EXPLAIN (COSTS OFF) SELECT t.skill_id, t.ai_version FROM skills.skill_subscription AS t WHERE t.ai_version IS NOT NULL;
ROLLBACK;
DELETE FROM skills.skill WHERE org_id = 'registry';
