// Not to copy: with the extension's schema in the datasource, and its tables not said to be external, push takes them for the app's.
import { defineConfig } from 'prisma/config';

export default defineConfig({ schema: process.env.SCHEMA, datasource: { url: process.env.SCRATCH_URL } });
