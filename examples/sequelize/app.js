// The app's own tables beside the extension's. Usage: app.js sync | alter | force | compare [listed]
import assert from 'node:assert/strict';
import { DataTypes, Sequelize } from 'sequelize';
import { define } from './models.js';

const sequelize = new Sequelize(process.env.ADMIN_URL, { dialect: 'postgres', logging: (statement) => console.log(statement) });
sequelize.define('Conversation', {
	conversationId: { type: DataTypes.TEXT, primaryKey: true }, frozen: DataTypes.JSONB,
}, { tableName: 'conversation', timestamps: false, underscored: true });
const models = define(sequelize);

/** The models have the columns, types and keys of the database. */
async function compare() {
	for (const model of Object.values(models)) {
		const [rows] = await sequelize.query(`SELECT attname AS name, upper(format_type(atttypid, atttypmod)) AS type, EXISTS (
				SELECT FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p' AND attnum = ANY (conkey)) AS is_primary
			FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`, { bind: [`skills.${model.tableName}`] });
		const isView = model.tableName === 'skill_summary';
		assert.deepEqual(Object.values(model.rawAttributes).map(({ field, type, primaryKey }) => ({
			name: field, type: type.toSql(), is_primary: !isView && primaryKey === true,
		})), rows, model.tableName);
	}
}

// Not to copy: as if define() had left the models in the list.
if (process.argv[3] === 'listed') for (const model of Object.values(models)) sequelize.modelManager.addModel(model);

await {
	sync: () => sequelize.sync(),
	alter: () => sequelize.sync({ alter: true }),
	force: () => sequelize.sync({ force: true }),
	compare,
}[process.argv[2]]();
await sequelize.close();
