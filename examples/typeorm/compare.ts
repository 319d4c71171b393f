// Says where entities.ts is not what the database has, and what would become of it without synchronize: false.
import assert from 'node:assert/strict';
import source from './app.js';

await source.initialize();
const extensions = source.entityMetadatas.filter((entity) => entity.schema === 'skills');
const sorted = <T extends { name: string }>(rows: T[]) => rows.sort((a, b) => a.name < b.name ? -1 : 1);

for (const { tableName, tableType, columns } of extensions) {
	const isView = tableType === 'view';
	const rows = await source.query(`SELECT attname AS name ${isView ? '' : `, replace(format_type(atttypid, atttypmod), '[]', '') AS type,
		attndims > 0 AS "isArray", NOT attnotnull AS "isNullable", atthasdef AS "isFilled", EXISTS (
			SELECT FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p' AND attnum = ANY (conkey)) AS "isPrimary"`}
		FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0`, [`skills.${tableName}`]);
	assert.deepEqual(sorted(columns.map((column) => ({
		name: column.databaseName, ...(!isView && {
			type: source.driver.normalizeType(column), isArray: column.isArray, isNullable: column.isNullable,
			isFilled: column.default !== undefined || column.isVersion, isPrimary: column.isPrimary,
		}),
	}))), sorted(rows), tableName);
}

const planned = async () => (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
const drops = (statements: string[]) => statements.filter((statement) => statement.includes('DROP')).length;
assert.equal(drops(await planned()), 0);
for (const entity of extensions) if (entity.tableType !== 'view') entity.synchronize = true;
assert.notEqual(drops(await planned()), 0);
await source.destroy();
