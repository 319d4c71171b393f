// Says where schema.ts is not what the database has.
import assert from 'node:assert/strict';
import type { Column } from 'drizzle-orm';
import { getTableConfig, getViewConfig } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { skill, skillFile, skillSubscription, skillSummary, skillVersion } from './schema.js';

const client = new pg.Client({ connectionString: process.env.ADMIN_URL });
await client.connect();

async function compare(name: string, columns: Column[], what: string) {
	const { rows } = await client.query(`SELECT attname AS name, format_type(atttypid, atttypmod) AS type${what}
		FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`, [`skills.${name}`]);
	assert.deepEqual(columns.map((column) => ({
		name: column.name, type: column.getSQLType(), ...(what && { required: column.notNull, filled: column.hasDefault }),
	})), rows, name);
}

for (const table of [skill, skillVersion, skillSubscription, skillFile]) {
	const { name, columns, primaryKeys: [key] } = getTableConfig(table);
	await compare(name, columns, ', attnotnull AS required, atthasdef AS filled');
	const { rows } = await client.query(`SELECT a.attname AS name FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS k (attnum, place)
		JOIN pg_attribute AS a USING (attnum) WHERE conrelid = $1::regclass AND contype = 'p' AND a.attrelid = conrelid ORDER BY place`, [`skills.${name}`]);
	assert.deepEqual(key.columns.map((column) => column.name), rows.map((row) => row.name), name);
}
await compare('skill_summary', Object.values(getViewConfig(skillSummary).selectedFields) as Column[], '');
await client.end();
