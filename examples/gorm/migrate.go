package main

import (
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// A table of the app's own that refers to a skill.
type Conversation struct {
	ConversationID string `gorm:"primaryKey"`
	OrgID, AboutID string
	About          Skill `gorm:"foreignKey:OrgID,AboutID;references:OrgID,SkillID"`
}

// Migrates the app's table. AutoMigrate follows relations, and would alter the extension's tables.
func migrate(url string, follow bool) error {
	db, err := gorm.Open(postgres.Open(url), &gorm.Config{IgnoreRelationshipsWhenMigrating: !follow})
	if err != nil {
		return err
	}
	return db.AutoMigrate(&Conversation{})
}
