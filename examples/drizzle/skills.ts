// What an app copies: who is asking, and which error it was.
import { DrizzleQueryError, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema.js';

export const db = drizzle(new pg.Pool({ connectionString: process.env.DATABASE_URL }), { schema });
export type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];

/** A transaction that speaks for the user. Its statements go through tx: db takes any connection. */
export const asUser = <T>(user: string, org: string, work: (tx: Transaction) => Promise<T>): Promise<T> =>
	db.transaction(async (tx) => {
		await tx.execute(sql`SELECT skills.set_identity(${user}, ${org})`);
		return work(tx);
	});

/** The SQLSTATE that the database answered with: it is in the error's cause. Any other error goes on. */
export async function sqlstate(promise: PromiseLike<unknown>): Promise<string | undefined> {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof DrizzleQueryError && error.cause instanceof pg.DatabaseError)) throw error;
		return error.cause.code;
	}
}
