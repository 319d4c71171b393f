package main

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// The extension's tables and the view. "default:(-)" leaves a column to the
// database where the field is zero, and reads it back; "->" never writes it.

type Skill struct {
	OrgID         string `gorm:"primaryKey;default:(-)"`
	SkillID       string `gorm:"primaryKey;default:(-)"`
	Name          string
	Accessibility string         `gorm:"default:(-)"`
	Tags          TextArray      `gorm:"type:text[];default:(-)"`
	Created       time.Time      `gorm:"->;default:(-)"`
	CreatedBy     string         `gorm:"->;default:(-)"`
	Modified      time.Time      `gorm:"->;default:(-)"`
	ModifiedBy    *string        `gorm:"->;default:(-)"`
	Revision      int            `gorm:"->;default:(-)"`
	Versions      []SkillVersion `gorm:"foreignKey:OrgID,SkillID;references:OrgID,SkillID"`
}

type SkillVersion struct {
	OrgID          string `gorm:"primaryKey;default:(-)"`
	SkillID        string `gorm:"primaryKey"`
	Version        int    `gorm:"primaryKey;default:(-)"`
	Description    string
	Body           string
	RelevantTopics TextArray       `gorm:"type:text[];default:(-)"`
	Frontmatter    json.RawMessage `gorm:"type:jsonb;default:(-)"`
	Author         string          `gorm:"->;default:(-)"`
	Accessibility  string          `gorm:"->;default:(-)"`
	Created        time.Time       `gorm:"->;default:(-)"`
	CreatedBy      string          `gorm:"->;default:(-)"`
	Modified       time.Time       `gorm:"->;default:(-)"`
	ModifiedBy     *string         `gorm:"->;default:(-)"`
	Revision       int             `gorm:"->;default:(-)"`
}

type SkillSubscription struct {
	OrgID      string `gorm:"primaryKey;default:(-)"`
	UserID     string `gorm:"primaryKey;default:(-)"`
	SkillID    string `gorm:"primaryKey"`
	AiVersion  *int
	Subscribed time.Time    `gorm:"->;default:(-)"`
	Pinned     SkillVersion `gorm:"foreignKey:OrgID,SkillID,AiVersion;references:OrgID,SkillID,Version"`
}

type SkillFile struct {
	OrgID         string `gorm:"primaryKey;default:(-)"`
	SkillID       string `gorm:"primaryKey"`
	Version       int    `gorm:"primaryKey"`
	Path          string `gorm:"primaryKey"`
	Content       []byte
	Size          int       `gorm:"->;default:(-)"`
	Sha256        string    `gorm:"->;default:(-)"`
	Executable    bool      `gorm:"default:(-)"`
	Author        string    `gorm:"->;default:(-)"`
	Accessibility string    `gorm:"->;default:(-)"`
	Created       time.Time `gorm:"->;default:(-)"`
	CreatedBy     string    `gorm:"->;default:(-)"`
}

type SkillSummary struct {
	OrgID, SkillID, Name, Accessibility string
	Tags                                TextArray `gorm:"type:text[]"`
	Created                             time.Time
	CreatedBy                           string
	Modified                            time.Time
	ModifiedBy                          *string
	Revision, LatestVersion             int
	LatestDescription, LatestBody       string
	LatestRelevantTopics                TextArray `gorm:"type:text[]"`
	LatestCreated, LatestModified       time.Time
	IsSubscribed                        bool
	AiVersion                           *int
	Subscribed                          *time.Time
	IsAuthor, CanEdit                   bool
	PageToken                           string `gorm:"-:migration"` // of list_skills() alone
}

func (Skill) TableName() string             { return "skills.skill" }
func (SkillVersion) TableName() string      { return "skills.skill_version" }
func (SkillSubscription) TableName() string { return "skills.skill_subscription" }
func (SkillFile) TableName() string         { return "skills.skill_file" }
func (SkillSummary) TableName() string      { return "skills.skill_summary" }

// TextArray is a text[]. Of any other slice, GORM makes a list of parameters.
type TextArray []string

var types = pgtype.NewMap()

func (list *TextArray) Scan(value any) error {
	return types.SQLScanner((*[]string)(list)).Scan(value)
}

func (list TextArray) Value() (driver.Value, error) {
	if list == nil {
		return nil, nil
	}
	text, err := types.Encode(pgtype.TextArrayOID, pgtype.TextFormatCode, []string(list), nil)
	return string(text), err
}
