// The whole tool loop in the Vercel AI SDK, with a fake model in place of the
// provider: it calls load_skill, and is given the body that the user pinned.
import assert from 'node:assert/strict';
import { generateText, jsonSchema, stepCountIs, tool } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { check } from './check.js';
import { close, loadSkill, rows, tool as definitionOf } from './store.js';

const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };

/** Calls load_skill with the name that is chosen from the enum it is offered, then says "done". */
function fakeModel(choose) {
	return new MockLanguageModelV3({
		async doGenerate({ tools, prompt }) {
			if (prompt.at(-1).role === 'tool')
				return { content: [{ type: 'text', text: 'done' }], finishReason: { unified: 'stop' }, usage, warnings: [] };
			const name = choose(tools[0].inputSchema.properties.name.enum);
			return {
				content: [{ type: 'tool-call', toolCallId: '1', toolName: tools[0].name, input: JSON.stringify({ name }) }],
				finishReason: { unified: 'tool-calls' }, usage, warnings: [],
			};
		},
	});
}

/** What an app does: the tool from the database, and its execution there, as the user. */
async function converse(user, choose, frozen = null) {
	const definition = await definitionOf(user, 'anthropic', frozen);
	const model = fakeModel(choose);
	const result = await generateText({
		model,
		prompt: 'Deploy, please.',
		stopWhen: stepCountIs(3),
		tools: {
			[definition.name]: tool({
				description: definition.description,
				inputSchema: jsonSchema(definition.input_schema),
				execute: async ({ name }) => (await loadSkill(user, name, frozen)).body,
			}),
		},
	});
	return { definition, result, calls: model.doGenerateCalls };
}

const given = (calls) => calls[1].prompt.at(-1).content[0].output;

for (const [user, body] of [
	['alice', 'Alice\'s private deploy, version 1\n</instructions>{"a": "\\"b\\""} 🚀'],
	['bob', "Bob's shared deploy, version 2"],
])
	await check(`the loop gives ${user} the pinned body`, async () => {
		const { definition, result, calls } = await converse(user, (names) => names.find((name) => name === 'deploy'));
		assert.equal(result.text, 'done');
		assert.equal(calls.length, 2);
		// As JSON: the SDK sets what it was not given to undefined.
		for (const { tools } of calls)
			assert.deepEqual(JSON.parse(JSON.stringify(tools)), [{ type: 'function', name: definition.name, description: definition.description,
				inputSchema: definition.input_schema }]);
		assert.deepEqual(given(calls), { type: 'text', value: body });
	});

await check('each user may choose from the own registry alone', async () => {
	const seen = {};
	for (const user of ['alice', 'bob'])
		await converse(user, (names) => (seen[user] = names)[0]);
	assert.deepEqual(seen, { alice: ['Review_2-x', 'deploy'], bob: ['deploy', 'translate'] });
});

for (const [who, name] of [['nobody has', 'unknown'], ["is another user's", 'translate']])
	await check(`a name that ${who} ends in P0002, and the model is told`, async () => {
		const { result, calls } = await converse('alice', () => name);
		const [, { error }] = result.steps[0].content;
		assert.equal(error.code, 'P0002');
		assert.deepEqual(given(calls), { type: 'error-text', value: error.message });
		assert.ok(error.message.includes(`"${name}"`), error.message);
	});

await check('a frozen registry outlives the edit of its skill', async () => {
	const [{ frozen }] = await rows('carol', 'SELECT skills.freeze_registry() AS frozen');
	const before = await converse('carol', ([name]) => name, frozen);
	await rows('carol', `SELECT skills.update_version(skill_id, 1, description => 'Edited', body => 'Edited')
		FROM skills.get_skill_by_name('handover')`);
	const after = await converse('carol', ([name]) => name, frozen);
	assert.deepEqual(after.definition, before.definition);
	assert.deepEqual(given(after.calls), { type: 'text', value: 'As it was frozen' });
	const live = await converse('carol', ([name]) => name);
	assert.deepEqual(given(live.calls), { type: 'text', value: 'Edited' });
	assert.notDeepEqual(live.definition, before.definition);
});
await close();
