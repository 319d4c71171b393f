import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The story through the tables. The tool and its answer are functions in any case. */
final class Tables extends Story {
	static final String INSERT_VERSION = "INSERT INTO skills.skill_version (skill_id, description, body) VALUES (?, ?, ?) RETURNING *";
	static final String PINNED = """
		SELECT skill_version.* FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
		WHERE skill_id = ? AND version = ai_version""";
	static final String EDIT = "UPDATE skills.skill_version SET body = ? WHERE skill_id = ? AND version = ? AND revision = ? RETURNING *";
	static final String LIST = "SELECT * FROM skills.skill_summary WHERE (name, skill_id) > (?, ?) ORDER BY name, skill_id LIMIT 2";

	static Skill insertSkill(Connection connection, String name, String accessibility, String description, String body) throws SQLException {
		Skill skill = Skills.query(connection, Skill.class,
			"INSERT INTO skills.skill (name, accessibility) VALUES (?, ?) RETURNING *", name, accessibility).get(0);
		Skills.query(connection, SkillVersion.class, INSERT_VERSION, skill.skillId(), description, body);
		return skill;
	}

	static void tell() throws SQLException {
		String id = Skills.asUser(source, "alice", "acme", connection -> {
			Skill skill = insertSkill(connection, "refund", "private", DESCRIPTION, TEXT1);
			SkillSummary created = Skills.query(connection, SkillSummary.class,
				"SELECT * FROM skills.skill_summary WHERE skill_id = ?", skill.skillId()).get(0);
			say("created %s: version %d, pinned by its author", created.name(), created.aiVersion());
			return skill.skillId();
		});

		if (bob(Skill.class, "SELECT * FROM skills.skill").isEmpty()) say("hidden from bob while it is private");
		alice(Skill.class, "UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = ?", id);

		SkillSubscription pin = bob(SkillSubscription.class,
			"INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES (?, 1) RETURNING *", id).get(0);
		say("shared: bob subscribes and pins version %d", pin.aiVersion());
		say("the tool offers bob: %s", bob(SkillSummary.class, OFFERED).get(0).name());
		SkillVersion loaded = bob(SkillVersion.class, PINNED, id).get(0);
		say("loaded by bob: version %d, %s", loaded.version(), loaded.body());

		int second = alice(SkillVersion.class, INSERT_VERSION, id, DESCRIPTION, TEXT2).get(0).version();
		say("edited: version %d, bob still loads version %d", second, bob(SkillVersion.class, PINNED, id).get(0).version());
		bob(SkillSubscription.class, "UPDATE skills.skill_subscription SET ai_version = ? WHERE skill_id = ?", second, id);
		loaded = bob(SkillVersion.class, PINNED, id).get(0);
		say("bob pins version %d: %s", loaded.version(), loaded.body());

		Skills.asUser(source, "alice", "acme", connection -> {
			for (String name : List.of("archive", "billing", "travel"))
				insertSkill(connection, name, "org", "Use for " + name + ".", "Ask first.");
			return null;
		});

		// Pages go on from the last row that was seen.
		List<SkillSummary> page1 = bob(SkillSummary.class, LIST, "", "");
		say("page 1: %s", names(page1));
		say("page 2: %s", names(bob(SkillSummary.class, LIST, page1.get(1).name(), page1.get(1).skillId())));

		say("not found: %s", sqlstate(() ->
			bob(SkillSubscription.class, "UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = ?", id)));
		say("not allowed: %s", sqlstate(() -> bob(Skill.class, "UPDATE skills.skill SET name = 'repay' WHERE skill_id = ?", id)));
		say("name taken: %s", sqlstate(() ->
			bob(Skill.class, "INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')")));

		// Read, changed by another session, written from the old copy.
		SkillVersion copy = alice(SkillVersion.class,
			"SELECT * FROM skills.skill_version WHERE skill_id = ? AND version = ?", id, second).get(0);
		alice(SkillVersion.class, EDIT, copy.body() + " Once.", id, second, copy.revision());
		if (alice(SkillVersion.class, EDIT, TEXT1, id, second, copy.revision()).isEmpty())
			say("changed meanwhile: read it again");

		say("no identity: %s", sqlstate(() -> nobody("INSERT INTO skills.skill (name) VALUES ('refund')")));
		say("dave of globex sees %d skills", call("dave", "globex", Skill.class, "SELECT * FROM skills.skill").size());
	}
}
