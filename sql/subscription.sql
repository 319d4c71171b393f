-- A subscription: one user's row for one skill, with the pin that makes a
-- version of it available to that user's AI.

CREATE TABLE skills.skill_subscription (
	org_id     text COLLATE "C" NOT NULL DEFAULT skills.current_org_id(),
	user_id    text COLLATE "C" NOT NULL DEFAULT skills.current_user_id(),
	skill_id   text COLLATE "C" NOT NULL,
	ai_version integer,
	subscribed timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT skill_subscription_pkey PRIMARY KEY (org_id, user_id, skill_id),
	CONSTRAINT skill_subscription_skill_fkey FOREIGN KEY (org_id, skill_id)
		REFERENCES skills.skill (org_id, skill_id) ON DELETE CASCADE,
	CONSTRAINT skill_subscription_version_fkey FOREIGN KEY (org_id, skill_id, ai_version)
		REFERENCES skills.skill_version (org_id, skill_id, version),
	CONSTRAINT skill_subscription_user_id_check CHECK (user_id <> '')
);
COMMENT ON TABLE skills.skill_subscription IS 'Who is subscribed to which skill, and which version of it the user''s AI may load';
COMMENT ON COLUMN skills.skill_subscription.org_id IS 'The organisation (tenant); by default the caller''s, never changed';
COMMENT ON COLUMN skills.skill_subscription.user_id IS 'The subscriber; by default the caller, never changed';
COMMENT ON COLUMN skills.skill_subscription.skill_id IS 'The skill; never changed';
COMMENT ON COLUMN skills.skill_subscription.ai_version IS 'The pin: the version offered to the user''s AI, NULL for none';
COMMENT ON COLUMN skills.skill_subscription.subscribed IS 'When the user subscribed; set by the database';
COMMENT ON CONSTRAINT skill_subscription_pkey ON skills.skill_subscription IS 'The tenant stands first in every key';
COMMENT ON CONSTRAINT skill_subscription_skill_fkey ON skills.skill_subscription IS 'Subscriptions go with their skill';
COMMENT ON CONSTRAINT skill_subscription_version_fkey ON skills.skill_subscription IS 'A pin names a version that exists; the triggers see to it before this key does';
COMMENT ON CONSTRAINT skill_subscription_user_id_check ON skills.skill_subscription IS 'An empty user is no user';

-- Not in the primary key: mappers take an INCLUDE column for a part of it. And
-- only what is pinned, so that a subscription without a pin costs nothing here.
-- Made before the next ones, see skill_by_id.
CREATE INDEX skill_subscription_by_user ON skills.skill_subscription (org_id, user_id, skill_id, ai_version)
	WHERE ai_version IS NOT NULL;
COMMENT ON INDEX skills.skill_subscription_by_user IS 'What a user has pinned: the registry reads it here, not in the rows';
-- Each foreign key has its index. The user is in the first, so that whoever
-- looks for one subscription finds it there as well as in the primary key, and
-- not among all who subscribe to a popular skill.
CREATE INDEX skill_subscription_by_skill ON skills.skill_subscription (org_id, skill_id, user_id);
COMMENT ON INDEX skills.skill_subscription_by_skill IS 'Who is subscribed to a skill';
CREATE INDEX skill_subscription_by_version ON skills.skill_subscription (org_id, skill_id, ai_version)
	WHERE ai_version IS NOT NULL;
COMMENT ON INDEX skills.skill_subscription_by_version IS 'Who is pinned to a version';
-- A user and a skill belong to one org. Taken for independent, a popular skill
-- seems to have one subscriber, and the planner reads them all to find one.
CREATE STATISTICS skills.skill_subscription_belongs_to_org (dependencies)
	ON org_id, user_id, skill_id FROM skills.skill_subscription;
COMMENT ON STATISTICS skills.skill_subscription_belongs_to_org IS 'Users and skills determine their org: how many subscriptions the planner expects of each';

SELECT pg_catalog.pg_extension_config_dump('skills.skill_subscription', '');

CREATE FUNCTION skills.subscription_guard() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'skills_subscription_guard';
REVOKE ALL ON FUNCTION skills.subscription_guard() FROM PUBLIC;
COMMENT ON FUNCTION skills.subscription_guard() IS 'Trigger: one subscribes oneself, to a skill one sees; a pin names a version that exists';

CREATE TRIGGER subscription_guard BEFORE INSERT OR UPDATE ON skills.skill_subscription
	FOR EACH ROW EXECUTE FUNCTION skills.subscription_guard();
COMMENT ON TRIGGER subscription_guard ON skills.skill_subscription IS 'One subscribes oneself, to a skill one sees; a pin names a version that exists';

ALTER TABLE skills.skill_subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE skills.skill_subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY visible ON skills.skill_subscription
	USING (org_id = skills.current_org_id() AND user_id = skills.current_user_id());
COMMENT ON POLICY visible ON skills.skill_subscription IS 'A subscription is visible to its user alone';

-- Conveniences over the table: the rules are above.

CREATE FUNCTION skills.subscribe(skill_id text) RETURNS skills.skill_subscription
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	subscription skills.skill_subscription;
BEGIN
	PERFORM skills.require_argument('skill_id', subscribe.skill_id IS NOT NULL);
	LOOP
		INSERT INTO skills.skill_subscription AS t (skill_id) VALUES (subscribe.skill_id)
		ON CONFLICT (org_id, user_id, skill_id) DO NOTHING
		RETURNING t.* INTO subscription;
		EXIT WHEN FOUND;
		SELECT t.* INTO subscription FROM skills.skill_subscription AS t
		WHERE t.org_id = skills.current_org_id() AND t.user_id = skills.current_user_id()
			AND t.skill_id = subscribe.skill_id;
		-- None here either: another session of the user unsubscribed in between.
		EXIT WHEN FOUND;
	END LOOP;
	RETURN subscription;
END
$$;
REVOKE ALL ON FUNCTION skills.subscribe(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.subscribe(text) IS 'Subscribes the caller, without a pin; a subscription that is there is given back unchanged; P0002 if the caller sees no skill of that id';

CREATE FUNCTION skills.unsubscribe(skill_id text) RETURNS boolean
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM skills.require_argument('skill_id', unsubscribe.skill_id IS NOT NULL);
	DELETE FROM skills.skill_subscription AS t
	WHERE t.org_id = skills.current_org_id() AND t.user_id = skills.current_user_id()
		AND t.skill_id = unsubscribe.skill_id;
	RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION skills.unsubscribe(text) FROM PUBLIC;
COMMENT ON FUNCTION skills.unsubscribe(text) IS 'Ends the caller''s subscription, and says whether there was one: false also for a skill that is hidden or gone';

CREATE FUNCTION skills.set_ai_version(skill_id text, version integer) RETURNS skills.skill_subscription
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	subscription skills.skill_subscription;
BEGIN
	PERFORM skills.require_argument('skill_id', set_ai_version.skill_id IS NOT NULL);
	INSERT INTO skills.skill_subscription AS t (skill_id, ai_version)
	VALUES (set_ai_version.skill_id, set_ai_version.version)
	ON CONFLICT (org_id, user_id, skill_id) DO UPDATE SET ai_version = excluded.ai_version
	RETURNING t.* INTO subscription;
	RETURN subscription;
END
$$;
REVOKE ALL ON FUNCTION skills.set_ai_version(text, integer) FROM PUBLIC;
COMMENT ON FUNCTION skills.set_ai_version(text, integer) IS 'Pins the version that the caller''s AI may load, subscribing if need be; NULL clears the pin and keeps the subscription; P0002 if the caller sees no such version';
