--
-- What the catalog says of the extension, so that a change to any of it shows
-- in a diff.
--
\pset null -
-- Objects of the extension.
CREATE VIEW regress.member AS
SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'skills'
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

-- Every object has a comment: functions, tables, views, columns, constraints, indexes, triggers, policies.
WITH object (name, comment) AS (
	SELECT object, obj_description(objid, classid::regclass::name) FROM regress.member
	WHERE classid <> 'pg_type'::regclass
	UNION ALL
	SELECT a.attrelid::regclass || '.' || attname, col_description(a.attrelid, attnum) FROM pg_attribute AS a
	JOIN regress.member AS m ON m.classid = 'pg_class'::regclass AND m.objid = a.attrelid WHERE attnum > 0
	UNION ALL
	SELECT conname, obj_description(c.oid, 'pg_constraint') FROM pg_constraint AS c
	JOIN regress.member AS m ON m.objid = c.conrelid WHERE c.contype <> 'n' AND c.contype <> 't'
	UNION ALL
	SELECT tgname, obj_description(t.oid, 'pg_trigger') FROM pg_trigger AS t
	JOIN regress.member AS m ON m.objid = t.tgrelid WHERE NOT tgisinternal
	UNION ALL
	SELECT polname, obj_description(p.oid, 'pg_policy') FROM pg_policy AS p JOIN regress.member AS m ON m.objid = p.polrelid
	UNION ALL
	SELECT indexrelid::regclass::text, obj_description(indexrelid, 'pg_class') FROM pg_index AS i
	JOIN regress.member AS m ON m.objid = i.indrelid
	WHERE NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = indexrelid AND c.contype = 'p')
)
SELECT name FROM object WHERE comment IS NULL ORDER BY 1;

-- Functions: how they may be planned, what they run as, and with which path.
SELECT p.oid::regprocedure AS function, l.lanname AS language, provolatile AS volatile, proparallel AS parallel,
	proisstrict AS strict, prosecdef AS definer, proleakproof AS leakproof, array_to_string(proconfig, ', ') AS settings
FROM pg_proc AS p JOIN regress.member AS m ON m.objid = p.oid JOIN pg_language AS l ON l.oid = prolang
ORDER BY p.oid::regprocedure::text COLLATE "C";

-- What they take and give: nothing that a mapper chokes on.
SELECT proname, pg_get_function_arguments(p.oid) AS arguments, pg_get_function_result(p.oid) AS result
FROM pg_proc AS p JOIN regress.member AS m ON m.objid = p.oid WHERE prorettype <> 'trigger'::regtype ORDER BY proname COLLATE "C";

-- Nothing is granted to PUBLIC.
SELECT object FROM regress.member AS m
LEFT JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
LEFT JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
LEFT JOIN pg_namespace AS n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid,
	aclexplode(coalesce(p.proacl, c.relacl, n.nspacl, acldefault(CASE WHEN p.oid IS NOT NULL THEN 'f' WHEN c.oid IS NOT NULL THEN 'r' ELSE 'n' END::"char", 10))) AS a
WHERE a.grantee = 0 AND m.classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_namespace'::regclass) ORDER BY 1;

-- What skills.grant_usage() gives.
SELECT object, string_agg(privilege_type, ', ' ORDER BY privilege_type) AS privileges FROM regress.member AS m
LEFT JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
LEFT JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
LEFT JOIN pg_namespace AS n ON m.classid = 'pg_namespace'::regclass AND n.oid = m.objid,
	aclexplode(coalesce(p.proacl, c.relacl, n.nspacl)) AS a
WHERE a.grantee = 'regress_skills_app'::regrole GROUP BY object ORDER BY object COLLATE "C";
SELECT grantee::regrole, parname, privilege_type FROM pg_parameter_acl, aclexplode(paracl)
WHERE parname LIKE 'skills.%' AND grantee::regrole::text LIKE 'regress_skills_%' ORDER BY 1, 2;

-- Tables: row security forced, what a dump holds, how columns are stored.
SELECT c.oid::regclass AS relation, relkind, relrowsecurity, relforcerowsecurity, reloptions,
	c.oid = ANY (e.extconfig) AS dumped
FROM pg_class AS c JOIN regress.member AS m ON m.objid = c.oid, pg_extension AS e
WHERE e.extname = 'skills' ORDER BY 1;
SELECT a.attrelid::regclass AS relation, attname, format_type(atttypid, atttypmod) AS type, attnotnull AS not_null, collname AS collation,
	attstorage AS storage, pg_get_expr(adbin, adrelid) AS default
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN regress.member AS m ON m.objid = c.oid
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_collation AS o ON o.oid = attcollation
WHERE attnum > 0 AND relkind = 'r' ORDER BY c.relname, attnum;
SELECT conrelid::regclass AS relation, conname, pg_get_constraintdef(c.oid) AS definition FROM pg_constraint AS c
JOIN regress.member AS m ON m.objid = c.conrelid WHERE contype NOT IN ('n', 't') ORDER BY conrelid::regclass::text COLLATE "C", conname;
SELECT pg_get_indexdef(indexrelid) AS index FROM pg_index AS i JOIN regress.member AS m ON m.objid = i.indrelid ORDER BY indexrelid::regclass::text COLLATE "C";
SELECT polrelid::regclass AS relation, polname, polpermissive AS permissive, polcmd AS command, polroles AS roles,
	pg_get_expr(polqual, polrelid) AS using, pg_get_expr(polwithcheck, polrelid) AS with_check
FROM pg_policy AS p JOIN regress.member AS m ON m.objid = p.polrelid ORDER BY 1;
SELECT pg_get_triggerdef(t.oid) AS trigger, tgenabled FROM pg_trigger AS t
JOIN regress.member AS m ON m.objid = t.tgrelid WHERE NOT tgisinternal ORDER BY tgname;

-- Every foreign key has an index that begins with its columns.
SELECT conname FROM pg_constraint AS c JOIN regress.member AS m ON m.objid = c.conrelid
WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid
	AND (i.indkey::int2[])[0:cardinality(conkey) - 1] = conkey);
-- The tenant stands first in every index.
SELECT indexrelid::regclass FROM pg_index AS i JOIN regress.member AS m ON m.objid = i.indrelid
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE attname <> 'org_id';
-- Nothing that sharding by tenant or a mapper chokes on.
SELECT object FROM regress.member WHERE object ~ '^(sequence|type .* enum|domain)';
SELECT attrelid::regclass, attname FROM pg_attribute AS a JOIN regress.member AS m ON m.objid = a.attrelid
WHERE attidentity <> '' OR attgenerated <> '';
DROP VIEW regress.member;
