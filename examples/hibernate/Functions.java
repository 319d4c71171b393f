import jakarta.persistence.Tuple;
import java.util.List;
import java.util.stream.Collectors;

/** The story through the functions. */
final class Functions extends Story {
	static final String CREATE = "SELECT * FROM skills.create_skill(?1, ?2, ?3, ?4)";
	static final String PIN = "SELECT * FROM skills.set_ai_version(?1, ?2)";
	static final String LOAD = "SELECT version, body FROM skills.load_skill('refund')";
	static final String EDIT = "SELECT * FROM skills.update_version(?1, ?2, body => ?3, expected_revision => ?4)";

	static List<Tuple> page(String user, String org, String after) {
		return Skills.asUser(factory, user, org, session -> session.createNativeQuery(
				"SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => ?1)", Tuple.class)
			.setParameter(1, after, String.class).getResultList());
	}

	static String names(List<Tuple> page) {
		return page.stream().map(row -> row.get("name", String.class)).collect(Collectors.joining(", "));
	}

	static SkillVersion edit(String id, int version, String body, int revision) {
		return alice(session -> one(session, SkillVersion.class, EDIT, id, version, body, revision));
	}

	static void tell() {
		String id = alice(session -> one(session, Skill.class, CREATE, "refund", DESCRIPTION, TEXT1, "private").skillId);
		Tuple offered = alice(session -> one(session, Tuple.class, "SELECT name, version FROM skills.ai_registry()"));
		say("created %s: version %d, pinned by its author", offered.get("name"), offered.get("version"));

		if (page("bob", "acme", null).isEmpty()) say("hidden from bob while it is private");
		alice(session -> one(session, Skill.class, "SELECT * FROM skills.update_skill(?1, accessibility => 'org')", id));

		bob(session -> {
			say("shared: bob subscribes and pins version %d", one(session, SkillSubscription.class, PIN, id, 1).aiVersion);
			say("the tool offers bob: %s", one(session, String.class, OFFERED));
			Tuple loaded = one(session, Tuple.class, LOAD);
			say("loaded by bob: version %d, %s", loaded.get("version"), loaded.get("body"));
			return null;
		});

		int second = alice(session -> one(session, SkillVersion.class,
			"SELECT * FROM skills.create_version(?1, ?2, ?3)", id, DESCRIPTION, TEXT2).version);
		say("edited: version %d, bob still loads version %d", second, bob(session -> one(session, Tuple.class, LOAD)).get("version"));
		bob(session -> one(session, SkillSubscription.class, PIN, id, second));
		Tuple loaded = bob(session -> one(session, Tuple.class, LOAD));
		say("bob pins version %d: %s", loaded.get("version"), loaded.get("body"));

		for (String name : List.of("archive", "billing", "travel"))
			alice(session -> one(session, Skill.class, CREATE, name, "Use for " + name + ".", "Ask first.", "org"));

		// Pages go on from the last row that was seen.
		List<Tuple> page1 = page("bob", "acme", null);
		say("page 1: %s", names(page1));
		say("page 2: %s", names(page("bob", "acme", page1.get(1).get("page_token", String.class))));

		say("not found: %s", sqlstate(() -> bob(session -> one(session, SkillSubscription.class, PIN, id, 9))));
		say("not allowed: %s", sqlstate(() -> bob(session ->
			one(session, Skill.class, "SELECT * FROM skills.update_skill(?1, name => 'repay')", id))));
		say("name taken: %s", sqlstate(() -> bob(session -> one(session, Skill.class, CREATE, "refund", "Mine.", "Never.", "org"))));

		// Read, changed by another session, written from the old copy.
		SkillVersion copy = alice(session -> one(session, SkillVersion.class, "SELECT * FROM skills.get_version(?1, ?2)", id, second));
		edit(id, second, copy.body + " Once.", copy.revision);
		if (sqlstate(() -> edit(id, second, TEXT1, copy.revision)).equals("55000")) say("changed meanwhile: read it again");

		say("no identity: %s", sqlstate(() -> factory.inTransaction(session ->
			one(session, Skill.class, CREATE, "refund", "Nobody's.", "Never.", "org"))));
		say("dave of globex sees %d skills", page("dave", "globex", null).size());
	}
}
