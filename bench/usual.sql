-- What a team writes today: three tables of its own with surrogate keys, an
-- enum, foreign keys and the usual indexes, and policies with EXISTS and
-- current_setting(). The rows are those of the extension's tables.

CREATE SCHEMA usual;
CREATE TYPE usual.accessibility AS ENUM ('private', 'org', 'org-editable');

CREATE TABLE usual.skills (
	id            uuid NOT NULL DEFAULT gen_random_uuid(),
	org_id        text NOT NULL,
	name          varchar(120) NOT NULL,
	accessibility usual.accessibility NOT NULL,
	tags          text[] NOT NULL,
	created_by    text NOT NULL,
	created_at    timestamptz NOT NULL DEFAULT now(),
	updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE usual.skill_versions (
	id              uuid NOT NULL DEFAULT gen_random_uuid(),
	skill_id        uuid NOT NULL,
	version         integer NOT NULL,
	description     text NOT NULL,
	body            text NOT NULL,
	relevant_topics text[] NOT NULL,
	created_by      text NOT NULL,
	created_at      timestamptz NOT NULL DEFAULT now(),
	updated_at      timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE usual.skill_subscriptions (
	id            uuid NOT NULL DEFAULT gen_random_uuid(),
	user_id       text NOT NULL,
	skill_id      uuid NOT NULL,
	version_id    uuid,
	subscribed_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO usual.skills
SELECT md5(skill_id)::uuid, org_id, name, accessibility::usual.accessibility, tags, created_by, created, modified
FROM skills.skill;
INSERT INTO usual.skill_versions
SELECT md5(skill_id || version)::uuid, md5(skill_id)::uuid, version, description, body, relevant_topics, created_by, created, modified
FROM skills.skill_version;
INSERT INTO usual.skill_subscriptions
SELECT md5(user_id || skill_id)::uuid, user_id, md5(skill_id)::uuid, md5(skill_id || ai_version)::uuid, subscribed
FROM skills.skill_subscription;

-- Made last, so denser than years of inserts would leave them.
ALTER TABLE usual.skills ADD PRIMARY KEY (id);
CREATE UNIQUE INDEX ON usual.skills (org_id, name) WHERE accessibility <> 'private';
CREATE UNIQUE INDEX ON usual.skills (org_id, created_by, name) WHERE accessibility = 'private';
ALTER TABLE usual.skill_versions ADD PRIMARY KEY (id), ADD UNIQUE (skill_id, version),
	ADD FOREIGN KEY (skill_id) REFERENCES usual.skills ON DELETE CASCADE;
ALTER TABLE usual.skill_subscriptions ADD PRIMARY KEY (id), ADD UNIQUE (user_id, skill_id),
	ADD FOREIGN KEY (skill_id) REFERENCES usual.skills ON DELETE CASCADE,
	ADD FOREIGN KEY (version_id) REFERENCES usual.skill_versions ON DELETE SET NULL;
CREATE INDEX ON usual.skill_subscriptions (skill_id);
CREATE INDEX ON usual.skill_subscriptions (version_id);

ALTER TABLE usual.skills ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON usual.skills USING (org_id = current_setting('app.org_id', true)
	AND (accessibility <> 'private' OR created_by = current_setting('app.user_id', true)));
ALTER TABLE usual.skill_versions ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON usual.skill_versions USING (EXISTS (
	SELECT FROM usual.skills AS s WHERE s.id = skill_versions.skill_id));
ALTER TABLE usual.skill_subscriptions ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON usual.skill_subscriptions USING (user_id = current_setting('app.user_id', true)
	AND EXISTS (SELECT FROM usual.skills AS s WHERE s.id = skill_subscriptions.skill_id));

GRANT USAGE ON SCHEMA usual TO usual_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA usual TO usual_app;
