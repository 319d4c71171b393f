package main

import (
	"fmt"

	"gorm.io/gorm"
)

const (
	create = "SELECT * FROM skills.create_skill(?, ?, ?, ?)"
	load   = "SELECT * FROM skills.load_skill('refund')"
	setPin = "SELECT * FROM skills.set_ai_version(?, ?)"
	list   = "SELECT * FROM skills.list_skills(max_rows => 2, after => ?)"
	edit   = "SELECT * FROM skills.update_version(?, ?, body => ?, expected_revision => ?)"
)

// The story through the functions.
func functions(alice, bob, dave caller, db *gorm.DB) {
	id := must(call[Skill](alice, create, "refund", description, text1, "private")).SkillID
	first := must(call[SkillVersion](alice, "SELECT * FROM skills.ai_registry()"))
	fmt.Printf("created refund: version %d, pinned by its author\n", first.Version)
	if len(must(call[[]SkillSummary](bob, list, nil))) == 0 {
		fmt.Println("hidden from bob while it is private")
	}
	must(call[Skill](alice, "SELECT * FROM skills.update_skill(?, accessibility => 'org')", id))

	fmt.Printf("shared: bob subscribes and pins version %d\n", *must(call[SkillSubscription](bob, setPin, id, 1)).AiVersion)
	fmt.Println("the tool offers bob:", must(call[string](bob, offered)))
	loaded := must(call[SkillVersion](bob, load))
	fmt.Printf("loaded by bob: version %d, %s\n", loaded.Version, loaded.Body)

	second := must(call[SkillVersion](alice, "SELECT * FROM skills.create_version(?, ?, ?)", id, description, text2)).Version
	fmt.Printf("edited: version %d, bob still loads version %d\n", second, must(call[SkillVersion](bob, load)).Version)
	must(call[SkillSubscription](bob, setPin, id, second))
	loaded = must(call[SkillVersion](bob, load))
	fmt.Printf("bob pins version %d: %s\n", loaded.Version, loaded.Body)

	for _, name := range []string{"archive", "billing", "travel"} {
		must(call[Skill](alice, create, name, "Use for "+name+".", "Ask first.", "org"))
	}
	// Pages go on from the last row that was seen.
	page1 := must(call[[]SkillSummary](bob, list, nil))
	fmt.Println("page 1:", names(page1))
	fmt.Println("page 2:", names(must(call[[]SkillSummary](bob, list, page1[1].PageToken))))

	_, err := call[SkillSubscription](bob, setPin, id, 9)
	fmt.Println("not found:", sqlstate(err))
	_, err = call[Skill](bob, "SELECT * FROM skills.update_skill(?, name => 'repay')", id)
	fmt.Println("not allowed:", sqlstate(err))
	_, err = call[Skill](bob, create, "refund", "Mine.", "Never.", "org")
	fmt.Println("name taken:", sqlstate(err))

	// Read, changed by another session, written from the old copy.
	old := must(call[SkillVersion](alice, "SELECT * FROM skills.get_version(?, ?)", id, second))
	must(call[SkillVersion](alice, edit, id, second, old.Body+" Once.", old.Revision))
	if _, err = call[SkillVersion](alice, edit, id, second, text1, old.Revision); sqlstate(err) == "55000" {
		fmt.Println("changed meanwhile: read it again")
	}

	fmt.Println("no identity:", sqlstate(db.Exec("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')").Error))
	fmt.Printf("dave of globex sees %d skills\n", len(must(call[[]SkillSummary](dave, list, nil))))
}
