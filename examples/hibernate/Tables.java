import jakarta.persistence.OptimisticLockException;
import java.util.List;
import java.util.stream.Collectors;
import org.hibernate.Session;

/** The story through the tables. The tool and its answer are functions in any case. */
final class Tables extends Story {
	/** A skill and its first version come in one transaction. The ids are the app's to give. */
	static Skill create(Session session, String name, String accessibility, String description, String body) {
		Skill skill = new Skill("acme", one(session, String.class, "SELECT skills.new_skill_id()"), name);
		skill.accessibility = accessibility;
		session.persist(skill);
		session.persist(new SkillVersion(skill, 1, description, body));
		return skill;
	}

	static SkillVersion pinned(Session session, String id) {
		return session.createSelectionQuery("""
			select v from SkillSubscription s join SkillVersion v on v.orgId = s.orgId and v.skillId = s.skillId and v.version = s.aiVersion
			where s.skillId = :id""", SkillVersion.class).setParameter("id", id).getSingleResult();
	}

	static List<SkillSummary> page(String name, String id) {
		return bob(session -> session.createSelectionQuery(
				"from SkillSummary where (name, skillId) > (:name, :id) order by name, skillId", SkillSummary.class)
			.setParameter("name", name).setParameter("id", id).setMaxResults(2).getResultList());
	}

	static String names(List<SkillSummary> page) {
		return page.stream().map(summary -> summary.name).collect(Collectors.joining(", "));
	}

	static long count(Session session) {
		return session.createSelectionQuery("select count(*) from Skill", Long.class).getSingleResult();
	}

	static void tell() {
		Skill refund = alice(session -> {
			Skill skill = create(session, "refund", "private", DESCRIPTION, TEXT1);
			session.flush();
			SkillSummary created = session.find(SkillSummary.class, new Skill.Key("acme", skill.skillId));
			say("created %s: version %d, pinned by its author", created.name, created.aiVersion);
			return skill;
		});
		String id = refund.skillId;

		if (bob(Tables::count) == 0) say("hidden from bob while it is private");
		alice(session -> session.merge(refund).accessibility = "org");

		bob(session -> {
			session.persist(new SkillSubscription("acme", "bob", id, 1));
			session.flush();
			SkillVersion loaded = pinned(session, id);
			say("shared: bob subscribes and pins version %d", loaded.version);
			say("the tool offers bob: %s", one(session, String.class, OFFERED));
			say("loaded by bob: version %d, %s", loaded.version, loaded.body);
			return null;
		});

		// The next number is the only one that is taken: with 22023, somebody was faster.
		SkillVersion second = alice(session -> {
			int latest = session.find(SkillSummary.class, new Skill.Key("acme", id)).latestVersion;
			SkillVersion version = new SkillVersion(refund, latest + 1, DESCRIPTION, TEXT2);
			session.persist(version);
			return version;
		});

		SkillSubscription.Key key = new SkillSubscription.Key("acme", "bob", id);
		say("edited: version %d, bob still loads version %d", second.version, bob(session -> pinned(session, id).version));
		bob(session -> session.find(SkillSubscription.class, key).aiVersion = second.version);
		SkillVersion loaded = bob(session -> pinned(session, id));
		say("bob pins version %d: %s", loaded.version, loaded.body);

		alice(session -> {
			for (String name : List.of("archive", "billing", "travel"))
				create(session, name, "org", "Use for " + name + ".", "Ask first.");
			return null;
		});

		// Pages go on from the last row that was seen.
		List<SkillSummary> page1 = page("", "");
		say("page 1: %s", names(page1));
		say("page 2: %s", names(page(page1.get(1).name, page1.get(1).skillId)));

		say("not found: %s", sqlstate(() -> bob(session -> session.find(SkillSubscription.class, key).aiVersion = 9)));
		say("not allowed: %s", sqlstate(() -> bob(session -> session.find(Skill.class, new Skill.Key("acme", id)).name = "repay")));
		say("name taken: %s", sqlstate(() -> bob(session -> create(session, "refund", "org", "Mine.", "Never."))));

		// Read, changed by another session, written from the old copy.
		alice(session -> session.find(SkillVersion.class, new SkillVersion.Key("acme", id, second.version)).body += " Once.");
		try {
			second.body = TEXT1;
			alice(session -> session.merge(second));
		} catch (OptimisticLockException error) {
			say("changed meanwhile: read it again");
		}

		say("no identity: %s", sqlstate(() -> factory.inTransaction(session -> create(session, "refund", "private", "Nobody's.", "Never."))));
		say("dave of globex sees %d skills", Skills.asUser(factory, "dave", "globex", Tables::count));
	}
}
