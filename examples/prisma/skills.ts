// What an app copies: who is asking, and which error it was.
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/client.js';

// The adapter takes every timestamptz for UTC.
export const prisma = new PrismaClient({
	adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, options: '-c TimeZone=UTC' }),
});

/** A transaction that speaks for the user. Its statements go through tx: prisma takes any connection. */
export const asUser = <T>(user: string, org: string, work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> =>
	prisma.$transaction(async (tx) => {
		await tx.$queryRaw`SELECT skills.set_identity(${user}, ${org})`;
		return work(tx);
	});

/** The SQLSTATE that the database answered with: deep in the error's meta, or in the error of a COMMIT. Any other error goes on. */
export async function sqlstate(promise: Promise<unknown>): Promise<string> {
	try {
		await promise;
		return 'no error';
	} catch (error: any) {
		const code = (error.meta?.driverAdapterError ?? error).cause?.originalCode;
		if (!code) throw error;
		return code;
	}
}
