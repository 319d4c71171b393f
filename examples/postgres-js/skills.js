// What an app copies: who is asking, and which error it was.
import postgres from 'postgres';

export const sql = postgres(process.env.DATABASE_URL);

/** A transaction that speaks for the user. Its statements go through the tag that work is given: sql`` takes any connection. */
export const asUser = (user, org, work) => sql.begin(async (tx) => {
	await tx`SELECT skills.set_identity(${user}, ${org})`;
	return work(tx);
});

/** The SQLSTATE that the database answered with. Any other error goes on. */
export async function sqlstate(promise) {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof postgres.PostgresError)) throw error;
		return error.code;
	}
}
