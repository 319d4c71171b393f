// drizzle-kit is shown the app's own tables and the schema they are in: it drops what it does not know.
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
	dialect: 'postgresql',
	schema: './app.ts',
	schemaFilter: ['public'],
	out: process.env.OUT ?? './migrations',
	dbCredentials: { url: process.env.ADMIN_URL! },
});
