// What an app copies: who is asking, and which error it was.
import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
// A connection that breaks while nobody uses it would end the program.
pool.on('error', (error) => console.error(error.message));

/** A transaction that speaks for the user. All its statements go over one client: pool.query() takes any. */
export async function asUser(user, org, work) {
	const client = await pool.connect();
	try {
		await client.query('BEGIN');
		await client.query('SELECT skills.set_identity($1, $2)', [user, org]);
		const result = await work(async (statement, values) => (await client.query(statement, values)).rows);
		await client.query('COMMIT');
		return result;
	} catch (error) {
		await client.query('ROLLBACK').catch(() => {});
		throw error;
	} finally {
		client.release();
	}
}

/** The SQLSTATE that the database answered with. Any other error goes on. */
export async function sqlstate(promise) {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof pg.DatabaseError)) throw error;
		return error.code;
	}
}
