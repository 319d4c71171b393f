-- Rows that a schema command must not lose.
SELECT skills.set_identity('alice', 'acme', is_local => false);
SELECT skills.create_skill('kept', 'Use when it must be there afterwards.', 'It is.', 'org', '{a,b}', '{one}');
SELECT skills.import_skill_md(E'---\nname: imported\ndescription: Use it as it came.\nlicense: MIT\n---\nText.\n');
