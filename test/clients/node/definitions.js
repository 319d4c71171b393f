// The tool's definition, by the validators that the vendors and hosts use.
import assert from 'node:assert/strict';
import { ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import Ajv2020 from 'ajv/dist/2020.js';
import { toStrictJsonSchema } from 'openai/lib/transform';
import { check } from './check.js';
import { close, description, formats, inputSchema, registry, rows, tool } from './store.js';

for (const user of ['alice', 'bob']) {
	const skills = await registry(user);
	const names = skills.map((skill) => skill.name);

	for (const format of formats) {
		const definition = await tool(user, format);
		const schema = inputSchema(definition);
		const who = `${user}, ${format}`;

		await check(`${who}: ajv takes the schema in strict mode, and with it the registry's names alone`, () => {
			const validate = new Ajv2020({ strict: true, strictRequired: true }).compile(schema);
			for (const name of names) assert.ok(validate({ name }));
			for (const input of [{}, null, 'deploy', ['deploy'], { name: null }, { name: 1 }, { name: '' }, { name: 'unknown' },
				{ name: [names[0]] }, { name: names[0].toUpperCase() }, { name: names[0], version: 1 }])
				assert.ok(!validate(input), JSON.stringify(input));
		});
		await check(`${who}: OpenAI's SDK finds nothing to change for strict mode`, () => {
			assert.deepEqual(toStrictJsonSchema(schema), schema);
			assert.deepEqual(schema.required, Object.keys(schema.properties));
			assert.equal(schema.additionalProperties, false);
		});
		await check(`${who}: a line a skill, with its description on it`, () => {
			const lines = description(definition).split('\n- ').slice(1);
			const folded = skills.map((skill) => `${skill.name}: ${skill.description.replace(/[ \t-\r\u2028\u2029]+/g, ' ').trim()}`);
			assert.deepEqual(lines, folded);
		});
		await check(`${who}: the tool's name is one that the providers take`, () =>
			assert.match(definition.name ?? definition.function.name, /^[a-zA-Z0-9_-]{1,64}$/));
	}
	await check(`${user}: MCP's schema knows every property of the tool`, async () => {
		const definition = await tool(user, 'mcp');
		assert.deepEqual(ToolSchema.strict().parse(definition), definition);
		assert.ok(!ToolSchema.strict().safeParse({ ...definition, unknown: 1 }).success);
	});
}
await check('one skill a name, the private one before the shared one', async () => {
	assert.deepEqual((await registry('alice')).map((skill) => [skill.name, skill.version, skill.accessibility]),
		[['Review_2-x', 1, 'private'], ['deploy', 1, 'private']]);
	assert.deepEqual((await registry('bob')).map((skill) => [skill.name, skill.version, skill.accessibility]),
		[['deploy', 2, 'org'], ['translate', 1, 'private']]);
});
await check('no skills, no tool', async () =>
	assert.deepEqual(await rows('dan', 'SELECT tool FROM skills.load_skill_tool()'), []));
await close();
