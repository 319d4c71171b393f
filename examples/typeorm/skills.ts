// What an app copies: who is asking, and which error it was.
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import * as entities from './entities.js';

export const source = await new DataSource({
	type: 'postgres', url: process.env.DATABASE_URL, entities: Object.values(entities),
}).initialize();

/** A transaction that speaks for the user. Its statements go through manager: a repository of the source takes any connection. */
export const asUser = <T>(user: string, org: string, work: (manager: EntityManager) => Promise<T>): Promise<T> =>
	source.transaction(async (manager) => {
		await manager.query('SELECT skills.set_identity($1, $2)', [user, org]);
		return work(manager);
	});

/** The SQLSTATE that the database answered with. Any other error goes on. */
export async function sqlstate(promise: Promise<unknown>): Promise<string> {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof QueryFailedError)) throw error;
		return (error.driverError as { code: string }).code;
	}
}
