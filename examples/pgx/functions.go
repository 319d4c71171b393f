package main

import (
	"fmt"
	"strings"
)

const (
	create = "SELECT * FROM skills.create_skill($1, $2, $3, $4)"
	load   = "SELECT version, body FROM skills.load_skill('refund')"
	setPin = "SELECT * FROM skills.set_ai_version($1, $2)"
	list   = "SELECT * FROM skills.list_skills(max_rows => 2, after => $1)"
	edit   = "SELECT * FROM skills.update_version($1, $2, body => $3, expected_revision => $4)"
)

// The story through the functions.
func functions(alice, bob, dave caller) {
	id := one(call[Skill](alice, create, "refund", description, text1, "private")).SkillID
	offered := one(call[SkillVersion](alice, "SELECT version FROM skills.ai_registry()"))
	fmt.Printf("created refund: version %d, pinned by its author\n", offered.Version)
	if len(must(call[SkillSummary](bob, list, nil))) == 0 {
		fmt.Println("hidden from bob while it is private")
	}
	one(call[Skill](alice, "SELECT * FROM skills.update_skill($1, accessibility => 'org')", id))

	fmt.Printf("shared: bob subscribes and pins version %d\n", *one(call[SkillSubscription](bob, setPin, id, 1)).AiVersion)
	offer := one(call[struct{ Tool Tool }](bob, "SELECT tool FROM skills.load_skill_tool()"))
	fmt.Println("the tool offers bob:", strings.Join(offer.Tool.InputSchema.Properties.Name.Enum, ", "))
	loaded := one(call[SkillVersion](bob, load))
	fmt.Printf("loaded by bob: version %d, %s\n", loaded.Version, loaded.Body)

	second := one(call[SkillVersion](alice, "SELECT * FROM skills.create_version($1, $2, $3)", id, description, text2)).Version
	fmt.Printf("edited: version %d, bob still loads version %d\n", second, one(call[SkillVersion](bob, load)).Version)
	one(call[SkillSubscription](bob, setPin, id, second))
	loaded = one(call[SkillVersion](bob, load))
	fmt.Printf("bob pins version %d: %s\n", loaded.Version, loaded.Body)

	for _, name := range []string{"archive", "billing", "travel"} {
		one(call[Skill](alice, create, name, "Use for "+name+".", "Ask first.", "org"))
	}
	// Pages go on from the last row that was seen.
	page1 := must(call[SkillSummary](bob, list, nil))
	fmt.Println("page 1:", names(page1))
	fmt.Println("page 2:", names(must(call[SkillSummary](bob, list, page1[1].PageToken))))

	_, err := call[SkillSubscription](bob, setPin, id, 9)
	fmt.Println("not found:", sqlstate(err))
	_, err = call[Skill](bob, "SELECT * FROM skills.update_skill($1, name => 'repay')", id)
	fmt.Println("not allowed:", sqlstate(err))
	_, err = call[Skill](bob, create, "refund", "Mine.", "Never.", "org")
	fmt.Println("name taken:", sqlstate(err))

	// Read, changed by another session, written from the old copy.
	old := one(call[SkillVersion](alice, "SELECT * FROM skills.get_version($1, $2)", id, second))
	one(call[SkillVersion](alice, edit, id, second, old.Body+" Once.", old.Revision))
	if _, err = call[SkillVersion](alice, edit, id, second, text1, old.Revision); sqlstate(err) == "55000" {
		fmt.Println("changed meanwhile: read it again")
	}

	_, err = pool.Exec(ctx, "SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')")
	fmt.Println("no identity:", sqlstate(err))
	fmt.Printf("dave of globex sees %d skills\n", len(must(call[SkillSummary](dave, list, nil))))
}
