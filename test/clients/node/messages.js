// Manual invocation: the messages continue a conversation as each provider's API asks.
import assert from 'node:assert/strict';
import { CallToolRequestSchema, CallToolResultSchema, JSONRPCRequestSchema, JSONRPCResultResponseSchema }
	from '@modelcontextprotocol/sdk/types.js';
import { check } from './check.js';
import { close, formats, messages, references, rows } from './store.js';

// The pattern and the length that each API wants of the id of a call.
const idForm = {
	anthropic: /^toolu_[a-zA-Z0-9_-]{1,58}$/,
	openai: /^call_[a-zA-Z0-9_-]{1,35}$/,
	'openai-chat': /^call_[a-zA-Z0-9_-]{1,35}$/,
	mcp: /^call_[a-zA-Z0-9_-]{1,35}$/,
};

/** What a conversation calls and is answered, in one form: pairs of call and result. */
const pairs = {
	anthropic(list) {
		const turns = [{ role: 'user', content: 'hello' }, ...list];
		turns.forEach((turn, i) => assert.equal(turn.role, i % 2 ? 'assistant' : 'user', 'roles alternate'));
		return inTwos(list).map(([use, result]) => {
			assert.equal(use.content.length, 1);
			assert.equal(result.content.length, 1);
			assert.equal(use.content[0].type, 'tool_use');
			assert.equal(result.content[0].type, 'tool_result');
			return { id: use.content[0].id, answers: result.content[0].tool_use_id, tool: use.content[0].name,
				input: use.content[0].input, text: result.content[0].content };
		});
	},
	openai: (list) => inTwos(list).map(([call, output]) => {
		assert.equal(call.type, 'function_call');
		assert.equal(output.type, 'function_call_output');
		return { id: call.call_id, answers: output.call_id, tool: call.name,
			input: JSON.parse(call.arguments), text: output.output };
	}),
	'openai-chat': (list) => inTwos(list).map(([assistant, result]) => {
		assert.equal(assistant.role, 'assistant');
		assert.equal(assistant.tool_calls.length, 1);
		assert.equal(result.role, 'tool');
		const [call] = assistant.tool_calls;
		return { id: call.id, answers: result.tool_call_id, tool: call.function.name,
			input: JSON.parse(call.function.arguments), text: result.content };
	}),
	mcp: (list) => inTwos(list).map(([request, response]) => {
		JSONRPCRequestSchema.parse(request);
		JSONRPCResultResponseSchema.parse(response);
		const { jsonrpc, id, ...call } = request;
		assert.deepEqual(CallToolRequestSchema.strict().parse(call), call);
		assert.deepEqual(CallToolResultSchema.strict().parse(response.result), response.result);
		return { id, answers: response.id, tool: call.params.name,
			input: call.params.arguments, text: response.result.content[0].text };
	}),
};

function inTwos(list) {
	assert.equal(list.length % 2, 0);
	return list.flatMap((item, i) => (i % 2 ? [] : [[item, list[i + 1]]]));
}

const ids = async (format, refs, seed) =>
	pairs[format](await messages('alice', refs, format, seed)).map((pair) => pair.id);

for (const format of formats) {
	const refs = await references('alice');
	const version = (number) => ({ alice: `private deploy, version ${number}`, bob: `shared deploy, version ${number}` });
	const wanted = [2, 1, 2, 2].map(version);

	for (const user of ['alice', 'bob']) {
		await check(`${user}, ${format}: each call is answered, with the version that the reference names`, async () => {
			const list = pairs[format](await messages(user, await references(user), format));
			assert.equal(list.length, refs.length);
			list.forEach((pair, i) => {
				assert.equal(pair.answers, pair.id);
				assert.equal(pair.tool, 'load_skill');
				assert.deepEqual(pair.input, { name: 'deploy' });
				assert.ok(pair.text.includes(wanted[i][user]), pair.text);
			});
		});
	}
	await check(`${format}: a body arrives unharmed`, async () => {
		const [{ body }] = await rows('bob', "SELECT body FROM skills.resolve_skill('/translate')");
		assert.equal(pairs[format](await messages('bob', ['/translate'], format))[0].text, body);
		assert.ok(body.includes('\u0001') && body.includes('</tool_result>') && body.includes('\r\n\t'));
	});
	await check(`${format}: ids are in the provider's form, and unique in a conversation`, async () => {
		const all = (await Promise.all(['turn 1', 'turn 2', '', 'turn 1 '].map((seed) =>
			ids(format, [...refs, '/deploy', '/deploy'], seed)))).flat();
		assert.equal(new Set(all).size, all.length);
		for (const id of all) assert.match(id, idForm[format]);
	});
	await check(`${format}: ids depend on seed, place and reference alone`, async () => {
		const first = await ids(format, ['/deploy', '/Review_2-x'], 's');
		assert.deepEqual(await ids(format, ['/deploy', '/Review_2-x'], 's'), first);
		assert.equal((await ids(format, ['/deploy'], 's'))[0], first[0], 'what follows does not matter');
		assert.notEqual((await ids(format, ['/deploy'], 'S'))[0], first[0], 'the seed');
		assert.notEqual((await ids(format, ['/Review_2-x', '/deploy'], 's'))[1], first[0], 'the place');
		assert.notEqual((await ids(format, ['/deploy@v2'], 's'))[0], first[0], 'the reference');
	});
	await check(`${format}: no references, no messages`, async () =>
		assert.deepEqual(await messages('alice', [], format), []));
}
await close();
