// The app's own tables, in public. Usage: migrate.ts up | down
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';

const db = new Kysely<any>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.ADMIN_URL }) }) });
const migrations = {
	'001_conversation': {
		up: (db: Kysely<any>) => db.schema.createTable('conversation')
			.addColumn('conversation_id', 'text', (column) => column.primaryKey())
			.addColumn('frozen', 'jsonb').execute(),
		down: (db: Kysely<any>) => db.schema.dropTable('conversation').execute(),
	},
};
const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
const { error } = await (process.argv[2] === 'down' ? migrator.migrateDown() : migrator.migrateToLatest());
await db.destroy();
if (error) throw error;
