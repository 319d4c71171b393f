// The vendors' clients send the definition and the messages to the byte: a
// prompt cache lives on that. Their requests end here, not on a network.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { check } from './check.js';
import { close, messages, references, tool, toolText } from './store.js';

let sent;
const options = {
	apiKey: 'none',
	baseURL: 'http://127.0.0.1:9',
	maxRetries: 0,
	fetch: async (url, init) => {
		sent = init.body;
		return new Response('{}', { headers: { 'content-type': 'application/json' } });
	},
};
const anthropic = new Anthropic(options);
const openai = new OpenAI(options);
const send = {
	anthropic: (tools, messages) => anthropic.messages.create({ model: 'm', max_tokens: 1, tools, messages }),
	openai: (tools, input) => openai.responses.create({ model: 'm', tools, input }),
	'openai-chat': (tools, messages) => openai.chat.completions.create({ model: 'm', tools, messages }),
};

for (const [format, call] of Object.entries(send))
	for (const user of ['alice', 'bob'])
		await check(`${user}, ${format}: the client sends tool and messages to the byte`, async () => {
			const list = await messages(user, [...await references(user), ...(user === 'bob' ? ['/translate'] : [])], format);
			// What the client makes of the answer, which is empty, does not matter.
			await call([await tool(user, format)], list).catch(() => {});
			assert.ok(sent.includes(await toolText(user, format)), sent);
			assert.ok(sent.includes(JSON.stringify(list).slice(1, -1)), sent);
			sent = '';
		});
await close();
