import java.net.URI;
import java.util.List;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.jpa.HibernatePersistenceConfiguration;

/** The story, told by Hibernate: Story tables | functions. And what check runs: Story schema TOOL ADMIN_URL|SCRATCH_URL */
class Story {
	static final String DESCRIPTION = "Use when a customer wants money back.";
	static final String TEXT1 = "Up to 30 days after the order: pay it back.";
	static final String TEXT2 = "Up to 60 days after the order: pay it back.";
	/** The names that the tool's definition offers, taken apart by the database. */
	static final String OFFERED = """
		SELECT string_agg(name, ', ')
		FROM skills.load_skill_tool(), json_array_elements_text(tool #> '{input_schema,properties,name,enum}') AS name""";

	static SessionFactory factory;

	public static void main(String[] arguments) {
		if (arguments[0].equals("schema")) {
			connect(System.getenv(arguments[2]), arguments[1], Conversation.class).close();
			return;
		}
		factory = connect(System.getenv("DATABASE_URL"), "none");
		try (SessionFactory open = factory) {
			if (arguments[0].equals("tables")) Tables.tell();
			else Functions.tell();
		}
	}

	/** JDBC's URLs have no place for "user:password@". */
	static SessionFactory connect(String address, String schemaTool, Class<?>... more) {
		URI url = URI.create(address);
		String[] user = url.getUserInfo().split(":", 2);
		HibernatePersistenceConfiguration configuration = new HibernatePersistenceConfiguration("skills")
			.jdbcUrl("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath())
			.jdbcCredentials(user[0], user[1])
			.managedClasses(Skill.class, SkillVersion.class, SkillSubscription.class, SkillFile.class, SkillSummary.class)
			.managedClasses(more);
		configuration.property("hibernate.physical_naming_strategy", "org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl");
		configuration.property("hibernate.hbm2ddl.auto", schemaTool);
		if (System.getenv("UNFILTERED") == null) configuration.property("hibernate.hbm2ddl.schema_filter_provider", OwnSchema.class.getName());
		return configuration.createEntityManagerFactory();
	}

	static <T> T alice(Function<Session, T> work) {
		return Skills.asUser(factory, "alice", "acme", work);
	}

	static <T> T bob(Function<Session, T> work) {
		return Skills.asUser(factory, "bob", "acme", work);
	}

	/** What a statement returns. */
	static <T> List<T> rows(Session session, Class<T> type, String sql, Object... values) {
		var query = session.createNativeQuery(sql, type);
		for (int i = 0; i < values.length; i++)
			query.setParameter(i + 1, values[i]);
		return query.getResultList();
	}

	static <T> T one(Session session, Class<T> type, String sql, Object... values) {
		return rows(session, type, sql, values).get(0);
	}

	/** Errors are told apart by SQLSTATE. */
	static String sqlstate(Runnable attempt) {
		try {
			attempt.run();
			return "no error";
		} catch (RuntimeException error) {
			if (Skills.sqlstate(error) == null) throw error;
			return Skills.sqlstate(error);
		}
	}

	static void say(String format, Object... values) {
		System.out.println(format.formatted(values));
	}
}
