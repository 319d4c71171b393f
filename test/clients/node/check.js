// One line a check, for test/clients/run to count.
export async function check(name, body) {
	try {
		await body();
		console.log(`ok - ${name}`);
	} catch (error) {
		console.log(`not ok - ${name}`);
		console.error(error);
	}
}
