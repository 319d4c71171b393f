-- A table of the app's own. A foreign key to the extension's tables works, too.
CREATE TABLE conversation (
	conversation_id text PRIMARY KEY,
	org_id text NOT NULL,
	about text NOT NULL,
	FOREIGN KEY (org_id, about) REFERENCES skills.skill (org_id, skill_id) ON DELETE CASCADE
);
