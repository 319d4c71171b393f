// What one user's AI may load, straight from the database.
import pg from 'pg';

// Each request is one transaction: all it answers is of one moment, and says for whom it asks.
export class Store {
	constructor(user, org, connectionString) {
		this.identity = [user, org];
		this.pool = new pg.Pool({ connectionString, max: 2 });
	}

	async rows(sql, parameters = []) {
		const connection = await this.pool.connect();
		try {
			await connection.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
			await connection.query('SELECT skills.set_identity($1, $2)', this.identity);
			const { rows } = await connection.query(sql, parameters);
			await connection.query('COMMIT');
			return rows;
		} catch (error) {
			await connection.query('ROLLBACK');
			throw error;
		} finally {
			connection.release();
		}
	}

	// The registry, with each SKILL.md as an export of the pinned version has it, and what lies beside it.
	skills({ after = '', name = null, limit = 100 }) {
		return this.rows(`
			SELECT r.name, skills.export_skill_md(r.skill_id, r.version) AS skill_md,
				(SELECT coalesce(json_agg(json_build_object('path', f.path, 'size', f.size, 'sha256', f.sha256) ORDER BY f.path), '[]')
				FROM skills.list_files(r.skill_id, r.version) AS f WHERE f.path <> 'SKILL.md') AS files
			FROM skills.ai_registry() AS r
			WHERE r.name COLLATE "C" > $1 AND ($2::text IS NULL OR r.name = $2)
			ORDER BY r.name LIMIT $3`, [after, name, limit]);
	}

	async file(name, path) {
		const [file] = await this.rows('SELECT content FROM skills.load_skill_file($1, $2)', [name, path]);
		return file.content;
	}

	async tool() {
		const [row] = await this.rows("SELECT tool FROM skills.load_skill_tool('mcp')");
		return row?.tool;
	}

	async body(name) {
		const [row] = await this.rows('SELECT body FROM skills.load_skill($1)', [name]);
		return row.body;
	}

	close() {
		return this.pool.end();
	}
}

// It is not there, or not for this user: the database never tells the two apart.
export const isMissing = (error) => error.code === 'P0002';
