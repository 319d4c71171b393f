// Not to copy: with the extension's schema in schemaFilter, push takes it for the app's.
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
	dialect: 'postgresql',
	schema: ['./app.ts', './schema.ts'],
	schemaFilter: ['public', 'skills'],
	dbCredentials: { url: process.env.SCRATCH_URL! },
});
