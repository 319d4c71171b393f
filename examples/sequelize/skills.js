// What an app copies: who is asking, and which error it was.
import { BaseError, Sequelize } from 'sequelize';
import { define } from './models.js';

export const sequelize = new Sequelize(process.env.DATABASE_URL, { dialect: 'postgres', logging: false });
export const { Skill, SkillVersion, SkillSubscription, SkillFile, SkillSummary } = define(sequelize);

/** A transaction that speaks for the user. Every call in it is given { transaction }: without, it takes any connection. */
export const asUser = (user, org, work) => sequelize.transaction(async (transaction) => {
	await sequelize.query('SELECT skills.set_identity($1, $2)', { bind: [user, org], transaction });
	return work({ transaction });
});

/** The SQLSTATE that the database answered with: it is in the error's parent. Any other error goes on. */
export async function sqlstate(promise) {
	try {
		await promise;
		return 'no error';
	} catch (error) {
		if (!(error instanceof BaseError && error.parent)) throw error;
		return error.parent.code;
	}
}
