--
-- Rules 1, 4, 7 and 11 for skills.skill_subscription: the number of rows or
-- the SQLSTATE, for each caller.
--
-- See: one's own.
SELECT * FROM regress.outcomes(
	'SELECT FROM skills.skill_subscription',
	'SELECT FROM skills.skill_subscription WHERE skill_id = $E FOR UPDATE',
	$$SELECT FROM skills.skill_subscription WHERE user_id = 'bob'$$,
	'SELECT FROM skills.ai_registry()',
	'SELECT FROM skills.explain_registry()',
	'SELECT FROM skills.load_skill_tool()',
	$$SELECT FROM skills.load_skill('escalate')$$,
	$$SELECT FROM skills.load_skill('payroll')$$
);

-- Subscribe: to any visible skill, for oneself; a pin names a version.
SELECT * FROM regress.outcomes(
	'INSERT INTO skills.skill_subscription (skill_id) VALUES ($P)',
	'INSERT INTO skills.skill_subscription (skill_id) VALUES ($G)',
	'INSERT INTO skills.skill_subscription (skill_id) VALUES ($G) ON CONFLICT DO NOTHING',
	'INSERT INTO skills.skill_subscription (skill_id) VALUES ($P) ON CONFLICT DO NOTHING',
	'INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($E, 2)
		ON CONFLICT (org_id, user_id, skill_id) DO UPDATE SET ai_version = excluded.ai_version RETURNING ai_version',
	'INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($E, 9)
		ON CONFLICT (org_id, user_id, skill_id) DO UPDATE SET ai_version = excluded.ai_version',
	'INSERT INTO skills.skill_subscription (skill_id) VALUES ($X)',
	$$INSERT INTO skills.skill_subscription (user_id, skill_id) VALUES ('zoe', $E)$$,
	$$INSERT INTO skills.skill_subscription (org_id, skill_id) VALUES ('initech', $E)$$,
	'INSERT INTO skills.skill_subscription (skill_id) VALUES (NULL)',
	'INSERT INTO skills.skill_subscription (user_id, skill_id) VALUES (NULL, $E)',
	'MERGE INTO skills.skill_subscription AS t USING (SELECT $E AS id) AS g ON t.skill_id = g.id
		WHEN MATCHED THEN UPDATE SET ai_version = 2 WHEN NOT MATCHED THEN INSERT (skill_id, ai_version) VALUES (g.id, 2)',
	'SELECT skills.subscribe($P)',
	'SELECT skills.subscribe($G)',
	'SELECT skills.subscribe($X)',
	'SELECT skills.set_ai_version($P, 1)',
	'SELECT skills.set_ai_version($G, 2)',
	'SELECT skills.set_ai_version($G, 9)',
	'SELECT skills.set_ai_version($G, 0)',
	'SELECT skills.set_ai_version($G, NULL)',
	'SELECT skills.set_ai_version($X, NULL)'
);

-- Pin and unpin one's own; nobody moves another's.
SELECT * FROM regress.outcomes(
	'UPDATE skills.skill_subscription SET ai_version = 2 WHERE skill_id = $E RETURNING ai_version',
	'UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = $E',
	'UPDATE skills.skill_subscription SET ai_version = NULL WHERE skill_id = $E',
	$$UPDATE skills.skill_subscription SET ai_version = 2 WHERE user_id = 'bob'$$,
	'UPDATE skills.skill_subscription SET skill_id = $G WHERE skill_id = $E',
	$$UPDATE skills.skill_subscription SET user_id = 'zoe' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_subscription SET org_id = 'globex' WHERE skill_id = $E$$,
	$$UPDATE skills.skill_subscription SET subscribed = '2001-01-01' WHERE skill_id = $E$$,
	'UPDATE skills.skill_subscription SET user_id = user_id, subscribed = subscribed WHERE skill_id = $E'
);

-- Unsubscribe oneself.
SELECT * FROM regress.outcomes(
	'DELETE FROM skills.skill_subscription WHERE skill_id = $E',
	$$DELETE FROM skills.skill_subscription WHERE user_id = 'bob'$$,
	'SELECT skills.unsubscribe($E)',
	'SELECT skills.unsubscribe($X)'
);

-- What the functions give.
BEGIN;
SET LOCAL ROLE regress_skills_app;
SELECT skills.set_identity('carol', 'acme');
SELECT org_id, user_id, ai_version, subscribed = now() AS subscribed FROM skills.subscribe(regress.id('E'));
SELECT ai_version FROM skills.set_ai_version(regress.id('E'), 2);
SELECT ai_version FROM skills.subscribe(regress.id('E'));
SELECT ai_version FROM skills.set_ai_version(regress.id('E'), NULL);
SELECT skills.unsubscribe(regress.id('E'));
SELECT skills.unsubscribe(regress.id('E'));
SELECT skills.unsubscribe(regress.id('P'));
INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version, subscribed)
VALUES (DEFAULT, DEFAULT, regress.id('G'), DEFAULT, '2001-01-01')
RETURNING user_id, ai_version, subscribed = now() AS subscribed;
ROLLBACK;

-- What the errors say: a hidden skill and an absent one, a hidden version and
-- an absent one, are the same.
SELECT regress.outcome(caller, statement, true) FROM (VALUES
	('nobody', 'INSERT INTO skills.skill_subscription (skill_id) VALUES ($G)'),
	('bob', 'INSERT INTO skills.skill_subscription (skill_id) VALUES ($P)'),
	('bob', 'INSERT INTO skills.skill_subscription (skill_id) VALUES ($X)'),
	('bob', 'INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($P, 1)'),
	('bob', 'INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($P, 9)'),
	('bob', 'UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = $E'),
	('bob', $$INSERT INTO skills.skill_subscription (user_id, skill_id) VALUES ('carol', $E)$$),
	('bob', 'INSERT INTO skills.skill_subscription (skill_id) VALUES (NULL)'),
	('bob', $$UPDATE skills.skill_subscription SET user_id = 'zoe' WHERE skill_id = $E$$),
	('bob', $$SELECT FROM skills.load_skill('payroll')$$)
) AS v (caller, statement);
