// The app's own tables and the extension's in one source, for TypeORM's commands.
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import * as entities from './entities.js';

@Entity('conversation')
class Conversation {
	@PrimaryColumn('text', { name: 'conversation_id' }) conversationId!: string;
	@Column('jsonb', { nullable: true }) frozen!: object | null;
}

export default new DataSource({
	type: 'postgres', url: process.env.ADMIN_URL, entities: [Conversation, ...Object.values(entities)], migrations: [process.env.MIGRATIONS ?? 'migrations/*.ts'],
});
