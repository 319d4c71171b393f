import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.ds.PGSimpleDataSource;

/** The story, told by JDBC: Story tables | functions */
class Story {
	static final String DESCRIPTION = "Use when a customer wants money back.";
	static final String TEXT1 = "Up to 30 days after the order: pay it back.";
	static final String TEXT2 = "Up to 60 days after the order: pay it back.";
	/** The names that the tool's definition offers, taken apart by the database. */
	static final String OFFERED = """
		SELECT string_agg(name, ', ') AS name
		FROM skills.load_skill_tool(), json_array_elements_text(tool #> '{input_schema,properties,name,enum}') AS name""";

	static final PGSimpleDataSource source = new PGSimpleDataSource();

	public static void main(String[] arguments) throws SQLException {
		// JDBC's URLs have no place for "user:password@".
		URI url = URI.create(System.getenv("DATABASE_URL"));
		source.setURL("jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath());
		source.setUser(url.getUserInfo().split(":", 2)[0]);
		source.setPassword(url.getUserInfo().split(":", 2)[1]);
		if (arguments[0].equals("tables")) Tables.tell();
		else Functions.tell();
	}

	/** A transaction of one statement. */
	static <T extends Record> List<T> call(String user, String org, Class<T> type, String sql, Object... values) throws SQLException {
		return Skills.asUser(source, user, org, connection -> Skills.query(connection, type, sql, values));
	}

	static <T extends Record> List<T> alice(Class<T> type, String sql, Object... values) throws SQLException {
		return call("alice", "acme", type, sql, values);
	}

	static <T extends Record> List<T> bob(Class<T> type, String sql, Object... values) throws SQLException {
		return call("bob", "acme", type, sql, values);
	}

	/** A statement of nobody, who commits each by itself. */
	static void nobody(String sql) throws SQLException {
		try (Connection connection = source.getConnection()) {
			Skills.query(connection, Skill.class, sql);
		}
	}

	interface Attempt {
		void run() throws SQLException;
	}

	/** Errors are told apart by SQLSTATE. */
	static String sqlstate(Attempt attempt) {
		try {
			attempt.run();
			return "no error";
		} catch (SQLException error) {
			return error.getSQLState();
		}
	}

	static String names(List<SkillSummary> page) {
		return page.stream().map(SkillSummary::name).collect(Collectors.joining(", "));
	}

	static void say(String format, Object... values) {
		System.out.println(format.formatted(values));
	}
}
