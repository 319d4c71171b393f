--
-- Dropping the extension takes all that it made; the roles' right to set the
-- parameters is the cluster's, and goes with the roles.
--
DROP SCHEMA regress CASCADE;
DROP EXTENSION skills;
SELECT count(*) AS left_behind FROM pg_namespace WHERE nspname = 'skills';
DROP OWNED BY regress_skills_app, regress_skills_person;
DROP ROLE regress_skills_app, regress_skills_person;
