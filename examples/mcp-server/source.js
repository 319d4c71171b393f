// The registry of a user as the Skills extension of MCP (SEP-2640) wants it:
// skill://<org>/<name>/SKILL.md, and the files beside it, with their digests.
import { skillEntry } from '@modelcontextprotocol/server/ext/skills';
import { isMissing } from './store.js';

const PAGE = 50;
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const encode = (path) => path.split('/').map(encodeURIComponent).join('/');

export class SkillsOfUser {
	constructor(store, org) {
		this.store = store;
		this.baseUri = `skill://${encodeURIComponent(org)}/`;
	}

	uri(name, path) {
		return `${this.baseUri}${encodeURIComponent(name)}/${encode(path)}`;
	}

	parse(uri) {
		const [name, ...path] = uri.startsWith(this.baseUri) ? uri.slice(this.baseUri.length).split('/').map(decodeURIComponent) : [];
		return { name, path: path.join('/') };
	}

	// The SDK reads the front matter as clients will; digests of the other files are the database's own.
	// It refuses names that the Agent Skills format does not have (Refund_2): those are offered by the tool alone.
	async entry({ name, skill_md, files }) {
		try {
			const entry = await skillEntry(name, { 'SKILL.md': skill_md }, { baseUri: this.baseUri });
			entry.resources.push(...files.map(({ path, size, sha256 }) => ({ uri: this.uri(name, path), digest: `sha256:${sha256}`, size })));
			return entry;
		} catch (error) {
			console.error(`skill "${name}" is left out of skills/list: ${error.message}`);
			return undefined;
		}
	}

	async list({ cursor }) {
		const rows = await this.store.skills({ after: cursor, limit: PAGE });
		const skills = (await Promise.all(rows.map((row) => this.entry(row)))).filter(Boolean);
		return rows.length < PAGE ? { skills } : { skills, nextCursor: rows.at(-1).name };
	}

	async get(uri) {
		const { name, path } = this.parse(uri);
		const [row] = path === 'SKILL.md' ? await this.store.skills({ name }) : [];
		return row && this.entry(row);
	}

	async read(uri) {
		const { name, path } = this.parse(uri);
		if (path === 'SKILL.md') {
			const [row] = await this.store.skills({ name });
			return row && { text: row.skill_md, mimeType: 'text/markdown' };
		}
		try {
			return content(path, await this.store.file(name, path));
		} catch (error) {
			if (isMissing(error)) return undefined;
			throw error;
		}
	}
}

function content(path, bytes) {
	try {
		return { text: text.decode(bytes), mimeType: path.endsWith('.md') ? 'text/markdown' : 'text/plain' };
	} catch {
		return { bytes, mimeType: 'application/octet-stream' };
	}
}
