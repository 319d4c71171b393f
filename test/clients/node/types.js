// The vendors' TypeScript types accept the definitions and messages. Each is
// written into a file of its own as a literal, in which "satisfies" also
// refuses a property that the type does not have. (Not "as const": the types
// ask for arrays that can be written.)
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { check } from './check.js';
import { close, formats, messages, references, tool } from './store.js';

const folder = 'generated';
const imports = `import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import type { CallToolRequest, CallToolResult, JSONRPCRequest, JSONRPCResultResponse, Tool }
	from '@modelcontextprotocol/sdk/types.js';
// The envelope's type says nothing of the method: this is both.
type Request = Omit<JSONRPCRequest, 'params' | 'method'> & CallToolRequest;
type Response = Omit<JSONRPCResultResponse, 'result'> & { result: CallToolResult };
`;
const toolType = {
	anthropic: 'Anthropic.Tool',
	openai: 'OpenAI.Responses.FunctionTool',
	'openai-chat': 'OpenAI.Chat.ChatCompletionFunctionTool',
	mcp: 'Tool',
};
const messagesType = {
	anthropic: 'Anthropic.MessageParam[]',
	openai: 'OpenAI.Responses.ResponseInput',
	'openai-chat': 'OpenAI.Chat.ChatCompletionMessageParam[]',
	mcp: '(Request | Response)[]',
};

const files = new Map();
function write(name, statement) {
	const file = `${files.size}.ts`;
	files.set(file, name);
	writeFileSync(`${folder}/${file}`, `${imports}\n${statement}\n`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const format of formats) {
	for (const user of ['alice', 'bob'])
		write(`${user}'s tool is a ${toolType[format]}`,
			`(${JSON.stringify(await tool(user, format), null, 1)}) satisfies ${toolType[format]};`);
	const json = JSON.stringify(await messages('alice', await references('alice'), format), null, 1);
	write(`alice's messages are ${messagesType[format]}`, `(${json}) satisfies ${messagesType[format]};`);
	// That the check can fail: tsc complains of an expected error that does not come.
	const unlike = { ...(await tool('bob', format)), unknown: 1 };
	write(`${toolType[format]} has no property "unknown"`,
		`// @ts-expect-error\n(${JSON.stringify(unlike)}) satisfies ${toolType[format]};`);
}
await close();

const { status, stdout } = spawnSync('node_modules/.bin/tsc', ['--noEmit', '--strict', '--skipLibCheck',
	'--module', 'nodenext', '--target', 'es2022', '--types', 'node',
	...[...files.keys()].map((file) => `${folder}/${file}`)], { encoding: 'utf8' });
for (const [file, name] of files)
	await check(`tsc: ${name}`, () => {
		const complaints = stdout.split('\n').filter((line) => line.includes(`${folder}/${file}`));
		assert.deepEqual(complaints, []);
	});
await check('tsc: ended without an error', () => assert.equal(status, 0, stdout));
