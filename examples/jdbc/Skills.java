import java.lang.reflect.RecordComponent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.sql.DataSource;

/** What an app copies: who is asking, and rows as records. */
final class Skills {
	interface Work<T> {
		T run(Connection connection) throws SQLException;
	}

	/** A transaction that speaks for the user. All its statements go over the one connection. */
	static <T> T asUser(DataSource source, String user, String org, Work<T> work) throws SQLException {
		try (Connection connection = source.getConnection()) {
			connection.setAutoCommit(false);
			try {
				query(connection, Skill.class, "SELECT skills.set_identity(?, ?)", user, org);
				T result = work.run(connection);
				connection.commit();
				return result;
			} catch (Throwable error) {
				try {
					connection.rollback();
				} catch (SQLException second) {
					error.addSuppressed(second);
				}
				throw error;
			}
		}
	}

	/** The rows of a statement, each column in the component of its name; a component without one is null. */
	static <T extends Record> List<T> query(Connection connection, Class<T> type, String sql, Object... values) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			for (int i = 0; i < values.length; i++)
				statement.setObject(i + 1, values[i]);
			List<T> rows = new ArrayList<>();
			if (statement.execute())
				try (ResultSet result = statement.getResultSet()) {
					Set<String> columns = new HashSet<>();
					for (int i = 1; i <= result.getMetaData().getColumnCount(); i++)
						columns.add(result.getMetaData().getColumnLabel(i));
					while (result.next())
						rows.add(row(result, columns, type));
				}
			return rows;
		}
	}

	private static Object value(ResultSet result, String column, Class<?> type) throws SQLException {
		if (type == String.class) return result.getString(column);
		return type == String[].class ? result.getArray(column).getArray() : result.getObject(column, type);
	}

	private static <T extends Record> T row(ResultSet result, Set<String> columns, Class<T> type) throws SQLException {
		RecordComponent[] components = type.getRecordComponents();
		Class<?>[] types = new Class<?>[components.length];
		Object[] values = new Object[components.length];
		for (int i = 0; i < components.length; i++) {
			String column = components[i].getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
			types[i] = components[i].getType();
			if (columns.contains(column))
				values[i] = value(result, column, types[i]);
		}
		try {
			return type.getDeclaredConstructor(types).newInstance(values);
		} catch (ReflectiveOperationException error) {
			throw new IllegalStateException(error);
		}
	}
}
