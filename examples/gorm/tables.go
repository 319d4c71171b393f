package main

import (
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// The story through the tables. The tool and its answer are functions in any case.
func tables(alice, bob, dave caller, db *gorm.DB) {
	// A skill and its first version are created together.
	refund := Skill{Name: "refund", Versions: []SkillVersion{{Description: description, Body: text1}}}
	check(alice(func(tx *gorm.DB) error {
		check(tx.Create(&refund).Error)
		var created SkillSummary
		check(tx.Where("skill_id = ?", refund.SkillID).Take(&created).Error)
		fmt.Printf("created %s: version %d, pinned by its author\n", created.Name, *created.AiVersion)
		return nil
	}))
	id := refund.SkillID

	var found int64
	check(bob(func(tx *gorm.DB) error { return tx.Model(&Skill{}).Count(&found).Error }))
	if found == 0 {
		fmt.Println("hidden from bob while it is private")
	}
	// An update would insert the versions again, if they are not left out.
	check(alice(func(tx *gorm.DB) error {
		return tx.Model(&refund).Omit(clause.Associations).Update("accessibility", "org").Error
	}))

	first, pin := 1, SkillSubscription{}
	pinned := func(tx *gorm.DB) error { return tx.Preload("Pinned").Where("skill_id = ?", id).Take(&pin).Error }
	check(bob(func(tx *gorm.DB) error {
		check(tx.Create(&SkillSubscription{SkillID: id, AiVersion: &first}).Error)
		check(pinned(tx))
		fmt.Printf("shared: bob subscribes and pins version %d\n", *pin.AiVersion)
		var tool string
		check(tx.Raw(offered).Scan(&tool).Error)
		fmt.Printf("the tool offers bob: %s\n", tool)
		fmt.Printf("loaded by bob: version %d, %s\n", pin.Pinned.Version, pin.Pinned.Body)
		return nil
	}))

	second := SkillVersion{SkillID: id, Description: description, Body: text2}
	check(alice(func(tx *gorm.DB) error { return tx.Create(&second).Error }))

	repin := func(version int) error {
		return bob(func(tx *gorm.DB) error {
			return tx.Model(&SkillSubscription{}).Where("skill_id = ?", id).Update("ai_version", version).Error
		})
	}
	check(bob(pinned))
	fmt.Printf("edited: version %d, bob still loads version %d\n", second.Version, pin.Pinned.Version)
	check(repin(second.Version))
	pin = SkillSubscription{}
	check(bob(pinned))
	fmt.Printf("bob pins version %d: %s\n", pin.Pinned.Version, pin.Pinned.Body)

	var more []Skill
	for _, name := range []string{"archive", "billing", "travel"} {
		more = append(more, Skill{Name: name, Accessibility: "org", Versions: []SkillVersion{{Description: "Use for " + name + ".", Body: "Ask first."}}})
	}
	check(alice(func(tx *gorm.DB) error { return tx.Create(&more).Error }))

	// Pages go on from the last row that was seen.
	page := func(last SkillSummary) (rows []SkillSummary) {
		check(bob(func(tx *gorm.DB) error {
			return tx.Where("(name, skill_id) > (?, ?)", last.Name, last.SkillID).Order("name, skill_id").Limit(2).Find(&rows).Error
		}))
		return rows
	}
	page1 := page(SkillSummary{})
	fmt.Println("page 1:", names(page1))
	fmt.Println("page 2:", names(page(page1[1])))

	fmt.Println("not found:", sqlstate(repin(9)))
	fmt.Println("not allowed:", sqlstate(bob(func(tx *gorm.DB) error {
		return tx.Model(&Skill{}).Where("skill_id = ?", id).Update("name", "repay").Error
	})))
	fmt.Println("name taken:", sqlstate(bob(func(tx *gorm.DB) error { return tx.Create(&Skill{Name: "refund", Accessibility: "org"}).Error })))

	// Read, changed by another session, written from the old copy.
	edit := func(body string, revision int) (updated int64) {
		check(alice(func(tx *gorm.DB) error {
			result := tx.Model(&second).Where("revision = ?", revision).Update("body", body)
			updated = result.RowsAffected
			return result.Error
		}))
		return updated
	}
	edit(second.Body+" Once.", second.Revision)
	if edit(text1, second.Revision) == 0 {
		fmt.Println("changed meanwhile: read it again")
	}

	fmt.Println("no identity:", sqlstate(db.Create(&Skill{Name: "refund"}).Error))
	check(dave(func(tx *gorm.DB) error { return tx.Model(&Skill{}).Count(&found).Error }))
	fmt.Printf("dave of globex sees %d skills\n", found)
}
