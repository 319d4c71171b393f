// The database, as an app uses it: one login for all, and in each transaction
// it says who the caller is.
import pg from 'pg';

const pool = new pg.Pool({ user: 'app' });

export const formats = ['anthropic', 'openai', 'openai-chat', 'mcp'];
export const close = () => pool.end();

/** The rows that the statement gives to this user of the org acme. */
export async function rows(user, statement, values = []) {
	const client = await pool.connect();
	try {
		await client.query('BEGIN');
		await client.query("SELECT skills.set_identity($1, 'acme')", [user]);
		const result = await client.query(statement, values);
		await client.query('COMMIT');
		return result.rows;
	} catch (error) {
		await client.query('ROLLBACK');
		throw error;
	} finally {
		client.release();
	}
}

/** The very bytes of the tool's definition: the driver would parse json. */
export async function toolText(user, format, frozen = null) {
	const [row] = await rows(user,
		'SELECT tool::text AS text FROM skills.load_skill_tool(format => $1, frozen => $2)', [format, frozen]);
	return row.text;
}

export const tool = async (...of) => JSON.parse(await toolText(...of));

export async function messages(user, refs, format, seed = 'turn 1') {
	const [row] = await rows(user,
		'SELECT skills.invocation_messages($1, $2, $3)::text AS text', [refs, format, seed]);
	return JSON.parse(row.text);
}

export async function loadSkill(user, name, frozen = null) {
	const [skill] = await rows(user, 'SELECT * FROM skills.load_skill($1, $2)', [name, frozen]);
	return skill;
}

export const registry = (user) => rows(user, 'SELECT * FROM skills.ai_registry()');

/** The schema of the tool's input, wherever the format has it. */
export const inputSchema = (tool) =>
	tool.input_schema ?? tool.parameters ?? tool.inputSchema ?? tool.function.parameters;

export const description = (tool) => tool.description ?? tool.function.description;

/** References of each kind, of which the last calls the first one's skill by its id. */
export async function references(user) {
	const own = await rows(user, "SELECT skill_id FROM skills.get_skill_by_name('deploy')");
	return ['/deploy', '/deploy@v1', 'deploy@v2', own[0].skill_id];
}
