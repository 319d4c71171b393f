import java.sql.SQLException;
import java.util.function.Function;
import org.hibernate.Session;
import org.hibernate.SessionFactory;

/** What an app copies: who is asking, and which error it was. */
final class Skills {
	/** A transaction that speaks for the user, in a session of its own. */
	static <T> T asUser(SessionFactory factory, String user, String org, Function<Session, T> work) {
		return factory.fromTransaction(session -> {
			session.createNativeQuery("SELECT skills.set_identity(?1, ?2)", String.class)
				.setParameter(1, user).setParameter(2, org).getSingleResult();
			return work.apply(session);
		});
	}

	/** The SQLSTATE that the database answered with: it is among the causes, null for any other error. */
	static String sqlstate(Throwable error) {
		for (; error != null; error = error.getCause())
			if (error instanceof SQLException answer)
				return answer.getSQLState();
		return null;
	}
}
