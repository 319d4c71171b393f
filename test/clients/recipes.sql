-- What a DBA prepares for an app: the extension, and a role that may say who is asking.
CREATE DATABASE recipes;
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE ROLE admin LOGIN SUPERUSER PASSWORD :'password';
ALTER ROLE app SET session_preload_libraries = 'skills';
\connect recipes
CREATE EXTENSION skills;
SELECT skills.grant_usage('app', may_set_identity => true);
