import java.sql.SQLException;
import java.util.List;

/** The story through the functions. */
final class Functions extends Story {
	static final String CREATE = "SELECT * FROM skills.create_skill(?, ?, ?, ?)";
	static final String PIN = "SELECT * FROM skills.set_ai_version(?, ?)";
	static final String LOAD = "SELECT * FROM skills.load_skill('refund')";
	static final String LIST = "SELECT * FROM skills.list_skills(max_rows => 2, after => ?)";
	static final String EDIT = "SELECT * FROM skills.update_version(?, ?, body => ?, expected_revision => ?)";

	static void tell() throws SQLException {
		String id = alice(Skill.class, CREATE, "refund", DESCRIPTION, TEXT1, "private").get(0).skillId();
		SkillVersion offered = alice(SkillVersion.class, "SELECT * FROM skills.ai_registry()").get(0);
		say("created refund: version %d, pinned by its author", offered.version());

		if (bob(SkillSummary.class, LIST, (Object) null).isEmpty()) say("hidden from bob while it is private");
		alice(Skill.class, "SELECT * FROM skills.update_skill(?, accessibility => 'org')", id);

		say("shared: bob subscribes and pins version %d", bob(SkillSubscription.class, PIN, id, 1).get(0).aiVersion());
		say("the tool offers bob: %s", bob(SkillSummary.class, OFFERED).get(0).name());
		SkillVersion loaded = bob(SkillVersion.class, LOAD).get(0);
		say("loaded by bob: version %d, %s", loaded.version(), loaded.body());

		int second = alice(SkillVersion.class,
			"SELECT * FROM skills.create_version(?, ?, ?)", id, DESCRIPTION, TEXT2).get(0).version();
		say("edited: version %d, bob still loads version %d", second, bob(SkillVersion.class, LOAD).get(0).version());
		bob(SkillSubscription.class, PIN, id, second);
		loaded = bob(SkillVersion.class, LOAD).get(0);
		say("bob pins version %d: %s", loaded.version(), loaded.body());

		for (String name : List.of("archive", "billing", "travel"))
			alice(Skill.class, CREATE, name, "Use for " + name + ".", "Ask first.", "org");

		// Pages go on from the last row that was seen.
		List<SkillSummary> page1 = bob(SkillSummary.class, LIST, (Object) null);
		say("page 1: %s", names(page1));
		say("page 2: %s", names(bob(SkillSummary.class, LIST, page1.get(1).pageToken())));

		say("not found: %s", sqlstate(() -> bob(SkillSubscription.class, PIN, id, 9)));
		say("not allowed: %s", sqlstate(() -> bob(Skill.class, "SELECT * FROM skills.update_skill(?, name => 'repay')", id)));
		say("name taken: %s", sqlstate(() -> bob(Skill.class, CREATE, "refund", "Mine.", "Never.", "org")));

		// Read, changed by another session, written from the old copy.
		SkillVersion copy = alice(SkillVersion.class, "SELECT * FROM skills.get_version(?, ?)", id, second).get(0);
		alice(SkillVersion.class, EDIT, id, second, copy.body() + " Once.", copy.revision());
		if (sqlstate(() -> alice(SkillVersion.class, EDIT, id, second, TEXT1, copy.revision())).equals("55000"))
			say("changed meanwhile: read it again");

		say("no identity: %s", sqlstate(() -> nobody("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')")));
		say("dave of globex sees %d skills", call("dave", "globex", SkillSummary.class, LIST, (Object) null).size());
	}
}
