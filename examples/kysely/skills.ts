// What an app copies: who is asking, and which error it was.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { DB } from './schema.js';

export const db = new Kysely<DB>({
	dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DATABASE_URL }) }),
});

/** A transaction that speaks for the user. Its statements go through trx: db takes any connection. */
export const asUser = <T>(user: string, org: string, work: (trx: Transaction<DB>) => Promise<T>): Promise<T> =>
	db.transaction().execute(async (trx) => {
		await sql`SELECT skills.set_identity(${user}, ${org})`.execute(trx);
		return work(trx);
	});

/** The SQLSTATE that the database answered with. Any other error goes on. */
export async function sqlstate(promise: Promise<unknown>): Promise<string | undefined> {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof pg.DatabaseError)) throw error;
		return error.code;
	}
}
