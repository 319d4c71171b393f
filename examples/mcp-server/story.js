// Two users, each with a server of their own, asked by the SDK's own client.
import { Client } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import pg from 'pg';

const refund = `---
name: refund
description: Use when a customer wants money back.
license: MIT
metadata:
  version: "1.0"
---
Up to 30 days after the order: pay it back.
`;

async function prepare() {
	const client = new pg.Client(process.env.DATABASE_URL);
	await client.connect();
	const as = (user) => client.query('SELECT skills.set_identity($1, $2, is_local => false)', [user, 'acme']);
	await as('alice');
	const { rows: [{ skill_id: id }] } = await client.query('SELECT skill_id FROM skills.import_skill_md($1, $2)', [refund, 'org']);
	await client.query("SELECT skills.put_file($1, 1, 'letters/we are sorry.md', 'Sorry.')", [id]);
	await client.query("SELECT skills.put_file($1, 1, 'seal.bin', '\\x00ff10')", [id]);
	await client.query("SELECT skills.create_skill('Own_Notes', 'Use for notes.', 'Of alice alone.')");
	await as('dave');
	await client.query("SELECT skills.create_skill('secret-plan', 'Use never.', 'Of dave alone.')");
	await as('bob');
	await client.query('SELECT skills.set_ai_version($1, 1)', [id]);
	await client.query("SELECT skills.create_skill('travel', 'Use for a journey.', 'By train.')");
	await as('alice');
	await client.query("SELECT skills.create_version($1, 'Use when a customer wants money back.', 'Up to 60 days.')", [id]);
	await client.query('SELECT skills.set_ai_version($1, 2)', [id]);
	await client.end();
}

async function withServer(user, ask) {
	const client = new Client({ name: 'story', version: '1.0.0' });
	await client.connect(new StdioClientTransport({
		command: process.execPath,
		args: ['server.js'],
		env: { ...process.env, SKILLS_USER: user, SKILLS_ORG: 'acme' },
		stderr: 'ignore',
	}));
	try {
		return await ask(client, new SkillsClient(client));
	} finally {
		await client.close();
	}
}

async function tell(user) {
	await withServer(user, async (client, skills) => {
		const { tools: [tool] } = await client.listTools();
		const names = tool?.inputSchema.properties.name.enum ?? [];
		console.log(`${user}'s tool offers: ${names.join(', ') || 'nothing'}`);
		for (const name of [...names, 'nothing']) {
			const { content: [{ text }], isError } = await client.callTool({ name: 'load_skill', arguments: { name } });
			console.log(`${user} loads ${name}: ${isError ? 'refused, ' : ''}${text.trim()}`);
		}
		const { skills: entries } = await skills.list();
		for (const entry of entries) {
			console.log(`skills/list, ${user}: ${entry.uri}, ${JSON.stringify(entry.frontmatter)}`);
			const again = await skills.get(entry.uri);
			console.log(`skills/get gives the same: ${JSON.stringify(again.skill) === JSON.stringify(entry)}`);
			for (const { uri } of entry.resources) {
				const file = await skills.read(entry, uri);
				console.log(`${uri}: ${file.bytes.length} bytes, digest ${file.verified ? 'verified' : 'wrong'}`);
			}
		}
		// Dave's own, and none at all: the same answer.
		for (const name of ['secret-plan', 'nothing']) {
			const error = await skills.get(`skill://acme/${name}/SKILL.md`).catch((refusal) => refusal);
			console.log(`skills/get, ${user}, ${name}: error ${error.code}`);
		}
	});
}

await prepare();
for (const user of ['alice', 'bob', 'carol']) await tell(user);
