package main

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	insertVersion = "INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3) RETURNING *"
	pinned        = `SELECT skill_version.* FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
		WHERE skill_id = $1 AND version = ai_version`
	editVersion = "UPDATE skills.skill_version SET body = $3 WHERE skill_id = $1 AND version = $2 AND revision = $4 RETURNING *"
	listTwo     = "SELECT * FROM skills.skill_summary WHERE (name, skill_id) > ($1, $2) ORDER BY name, skill_id LIMIT 2"
)

func insertSkill(tx pgx.Tx, name, accessibility, description, body string) Skill {
	skill := one(collect[Skill](ctx, tx, "INSERT INTO skills.skill (name, accessibility) VALUES ($1, $2) RETURNING *", name, accessibility))
	one(collect[SkillVersion](ctx, tx, insertVersion, skill.SkillID, description, body))
	return skill
}

// The story through the tables. The tool and its answer are functions in any case.
func tables(alice, bob, dave caller) {
	var id string
	check(alice(func(tx pgx.Tx) error {
		id = insertSkill(tx, "refund", "private", description, text1).SkillID
		created := one(collect[SkillSummary](ctx, tx, "SELECT * FROM skills.skill_summary WHERE skill_id = $1", id))
		fmt.Printf("created %s: version %d, pinned by its author\n", created.Name, *created.AiVersion)
		return nil
	}))
	if len(must(call[Skill](bob, "SELECT * FROM skills.skill"))) == 0 {
		fmt.Println("hidden from bob while it is private")
	}
	one(call[Skill](alice, "UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = $1 RETURNING *", id))

	pin := one(call[SkillSubscription](bob, "INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($1, 1) RETURNING *", id))
	fmt.Printf("shared: bob subscribes and pins version %d\n", *pin.AiVersion)
	offer := one(call[struct{ Tool Tool }](bob, "SELECT tool FROM skills.load_skill_tool()"))
	fmt.Println("the tool offers bob:", strings.Join(offer.Tool.InputSchema.Properties.Name.Enum, ", "))
	loaded := one(call[SkillVersion](bob, pinned, id))
	fmt.Printf("loaded by bob: version %d, %s\n", loaded.Version, loaded.Body)

	second := one(call[SkillVersion](alice, insertVersion, id, description, text2)).Version
	fmt.Printf("edited: version %d, bob still loads version %d\n", second, one(call[SkillVersion](bob, pinned, id)).Version)
	one(call[SkillSubscription](bob, "UPDATE skills.skill_subscription SET ai_version = $2 WHERE skill_id = $1 RETURNING *", id, second))
	loaded = one(call[SkillVersion](bob, pinned, id))
	fmt.Printf("bob pins version %d: %s\n", loaded.Version, loaded.Body)

	check(alice(func(tx pgx.Tx) error {
		for _, name := range []string{"archive", "billing", "travel"} {
			insertSkill(tx, name, "org", "Use for "+name+".", "Ask first.")
		}
		return nil
	}))
	// Pages go on from the last row that was seen.
	page1 := must(call[SkillSummary](bob, listTwo, "", ""))
	fmt.Println("page 1:", names(page1))
	fmt.Println("page 2:", names(must(call[SkillSummary](bob, listTwo, page1[1].Name, page1[1].SkillID))))

	_, err := call[SkillSubscription](bob, "UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = $1", id)
	fmt.Println("not found:", sqlstate(err))
	_, err = call[Skill](bob, "UPDATE skills.skill SET name = 'repay' WHERE skill_id = $1", id)
	fmt.Println("not allowed:", sqlstate(err))
	_, err = call[Skill](bob, "INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')")
	fmt.Println("name taken:", sqlstate(err))

	// Read, changed by another session, written from the old copy.
	old := one(call[SkillVersion](alice, "SELECT * FROM skills.skill_version WHERE skill_id = $1 AND version = $2", id, second))
	one(call[SkillVersion](alice, editVersion, id, second, old.Body+" Once.", old.Revision))
	if len(must(call[SkillVersion](alice, editVersion, id, second, text1, old.Revision))) == 0 {
		fmt.Println("changed meanwhile: read it again")
	}

	_, err = pool.Exec(ctx, "INSERT INTO skills.skill (name) VALUES ('refund')")
	fmt.Println("no identity:", sqlstate(err))
	fmt.Printf("dave of globex sees %d skills\n", len(must(call[Skill](dave, "SELECT * FROM skills.skill"))))
}
