-- The extension's objects and all its rows, as text: what a dump leaves out.
SELECT pg_describe_object(classid, objid, objsubid) FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'skills')
ORDER BY 1;
SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, pg_get_expr(d.adbin, d.adrelid)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'skills'::regnamespace AND a.attnum > 0 ORDER BY 1, 2;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'skills'::regnamespace ORDER BY 1, 2;
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class AS c ON c.oid = indrelid WHERE c.relnamespace = 'skills'::regnamespace ORDER BY 1;
SELECT tgrelid::regclass, pg_get_triggerdef(t.oid), tgenabled FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
WHERE c.relnamespace = 'skills'::regnamespace AND NOT tgisinternal ORDER BY 1, 2;
SELECT * FROM pg_policies WHERE schemaname = 'skills' ORDER BY tablename, policyname;
SELECT relname, relacl, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'skills'::regnamespace ORDER BY 1;
TABLE skills.skill;
TABLE skills.skill_version;
TABLE skills.skill_subscription;
TABLE skills.skill_file;
