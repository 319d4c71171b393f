// An MCP server for one user, over stdio:
//   SKILLS_USER=alice SKILLS_ORG=acme DATABASE_URL=postgresql://... node server.js
import { McpServer } from '@modelcontextprotocol/server';
import { SkillsExtension } from '@modelcontextprotocol/server/ext/skills';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { SkillsOfUser } from './source.js';
import { isMissing, Store } from './store.js';

const { SKILLS_USER: user, SKILLS_ORG: org, DATABASE_URL: url } = process.env;
if (!user || !org || !url) {
	console.error('Set SKILLS_USER, SKILLS_ORG and DATABASE_URL.');
	process.exit(2);
}
const store = new Store(user, org, url);
const source = new SkillsOfUser(store, org);

const answer = (text, isError) => ({ content: [{ type: 'text', text }], isError });

// The tool as the database makes it; no tool where nothing is offered.
async function listTools() {
	const tool = await store.tool();
	return { tools: tool ? [tool] : [] };
}

async function callTool({ params }) {
	if (params.name !== 'load_skill') return answer(`There is no tool ${params.name}.`, true);
	try {
		return answer(await store.body(String(params.arguments?.name)), false);
	} catch (error) {
		if (isMissing(error)) return answer(error.message, true);
		throw error;
	}
}

serveStdio(() => {
	const mcp = new McpServer({ name: 'skills', version: '1.0.0' }, { capabilities: { tools: {} } });
	mcp.server.setRequestHandler('tools/list', listTools);
	mcp.server.setRequestHandler('tools/call', callTool);
	new SkillsExtension({ source, baseUri: source.baseUri }).attach(mcp);
	return mcp;
});
