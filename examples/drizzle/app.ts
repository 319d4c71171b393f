// The app's own tables, for drizzle-kit.
import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';

export const conversation = pgTable('conversation', {
	conversationId: text('conversation_id').primaryKey(),
	frozen: jsonb('frozen'),
});
