// An MCP server that lists the tool from the database and calls it there, and
// a client of it, both the SDK's own.
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { check } from './check.js';
import { close, loadSkill, messages, rows, tool } from './store.js';

function serverOf(user) {
	const server = new Server({ name: 'skills', version: '1' }, { capabilities: { tools: {} } });
	server.setRequestHandler(ListToolsRequestSchema, async () =>
		({ tools: (await rows(user, "SELECT tool FROM skills.load_skill_tool('mcp')")).map((row) => row.tool) }));
	server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
		try {
			const { body } = await loadSkill(user, params.arguments.name);
			return { content: [{ type: 'text', text: body }], isError: false };
		} catch (error) {
			return { content: [{ type: 'text', text: `${error.code}: ${error.message}` }], isError: true };
		}
	});
	return server;
}

async function withClient(user, ask) {
	const [near, far] = InMemoryTransport.createLinkedPair();
	const client = new Client({ name: 'test', version: '1' });
	const server = serverOf(user);
	await Promise.all([server.connect(far), client.connect(near)]);
	try {
		return await ask(client);
	} finally {
		await client.close();
		await server.close();
	}
}

for (const user of ['alice', 'bob']) {
	await check(`an MCP client lists ${user}'s tool as it came`, async () =>
		assert.deepEqual(await withClient(user, (client) => client.listTools()), { tools: [await tool(user, 'mcp')] }));
	await check(`an MCP client is given each of ${user}'s skills`, () => withClient(user, async (client) => {
		const { tools: [{ inputSchema }] } = await client.listTools();
		for (const name of inputSchema.properties.name.enum) {
			const { body } = await loadSkill(user, name);
			const result = await client.callTool({ name: 'load_skill', arguments: { name } });
			assert.deepEqual(result, { content: [{ type: 'text', text: body }], isError: false });
		}
	}));
}
await check('what invocation_messages() says is what the server answers', () => withClient('bob', async (client) => {
	const [request, response] = await messages('bob', ['/translate'], 'mcp');
	assert.deepEqual(await client.callTool(request.params), response.result);
}));
await check('an unknown name is an error of the tool', () => withClient('alice', async (client) => {
	const result = await client.callTool({ name: 'load_skill', arguments: { name: 'translate' } });
	assert.equal(result.isError, true);
	assert.match(result.content[0].text, /^P0002: .*"translate"/);
}));
await check('no skills, no tools', async () =>
	assert.deepEqual(await withClient('dan', (client) => client.listTools()), { tools: [] }));
await close();
