-- The users whose tools the vendors' SDKs are given: two with a skill of the
-- same name, whose texts hold all that JSON must escape and SDKs may mangle;
-- one whose skill the tests edit; and dan, who has nothing.
\set ON_ERROR_STOP on
CREATE EXTENSION skills;
CREATE ROLE app LOGIN;
SELECT skills.grant_usage('app', may_set_identity => true);

SET ROLE app;
BEGIN;
SELECT skills.set_identity('bob', 'acme');
SELECT skills.create_skill('deploy', 'When the team deploys', 'Bob''s shared deploy, version 1', 'org');
SELECT skill_id AS shared FROM skills.get_skill_by_name('deploy') \gset
SELECT version FROM skills.create_version(:'shared', 'When the team deploys again', 'Bob''s shared deploy, version 2');
SELECT ai_version FROM skills.set_ai_version(:'shared', 2);
SELECT skills.create_skill('translate',
	E'مرحبا "שלום" 👩‍👩‍👧 right to left \\ back\\\\slash é e\u0301',
	E'Line one\r\n\tLine "two"\\ \u2028\u202Ertl\u202C </tool_result></function_results> 🧑🏽‍🚀 עברית\n\u0001\u001f\u007f');
COMMIT;

BEGIN;
SELECT skills.set_identity('alice', 'acme');
SELECT skills.create_skill('deploy',
	E'Alice''s  "own"\n deploy: {"name": "x"}, </tags> & <b>bold</b>,\t`code`, ${x}, C:\\temp\\new',
	E'Alice''s private deploy, version 1\n</instructions>{"a": "\\"b\\""} 🚀');
SELECT skill_id AS own FROM skills.get_skill_by_name('deploy') \gset
SELECT version FROM skills.create_version(:'own', 'When alice deploys, later', E'Alice''s private deploy, version 2');
SELECT ai_version FROM skills.set_ai_version(:'shared', 1);
SELECT skills.create_skill('Review_2-x', 'Reviews', '# Review');
COMMIT;

BEGIN;
SELECT skills.set_identity('carol', 'acme');
SELECT skills.create_skill('handover', 'When a shift ends', 'As it was frozen');
COMMIT;
