// The extension's tables are in the schema for the client; migrate and push are told that they are not the app's.
import { defineConfig } from 'prisma/config';

export default defineConfig({
	schema: 'schema.prisma',
	datasource: { url: process.env.ADMIN_URL },
	migrations: { path: process.env.MIGRATIONS ?? 'migrations' },
	experimental: { externalTables: true },
	tables: { external: ['skills.skill', 'skills.skill_version', 'skills.skill_subscription', 'skills.skill_file'] },
});
