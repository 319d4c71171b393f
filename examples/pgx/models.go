package main

import (
	"encoding/json"
	"time"
)

// The rows of the extension's tables and of the view, for pgx.RowToStructByNameLax.

type Skill struct {
	OrgID, SkillID, Name, Accessibility string
	Tags                                []string
	Created                             time.Time
	CreatedBy                           string
	Modified                            time.Time
	ModifiedBy                          *string
	Revision                            int
}

type SkillVersion struct {
	OrgID, SkillID        string
	Version               int
	Description, Body     string
	RelevantTopics        []string
	Frontmatter           json.RawMessage
	Author, Accessibility string
	Created               time.Time
	CreatedBy             string
	Modified              time.Time
	ModifiedBy            *string
	Revision              int
}

type SkillSubscription struct {
	OrgID, UserID, SkillID string
	AiVersion              *int
	Subscribed             time.Time
}

type SkillFile struct {
	OrgID, SkillID        string
	Version               int
	Path                  string
	Content               []byte
	Size                  int
	Sha256                string
	Executable            bool
	Author, Accessibility string
	Created               time.Time
	CreatedBy             string
}

type SkillSummary struct {
	Skill
	LatestVersion                 int
	LatestDescription, LatestBody string
	LatestRelevantTopics          []string
	LatestCreated, LatestModified time.Time
	IsSubscribed                  bool
	AiVersion                     *int
	Subscribed                    *time.Time
	IsAuthor, CanEdit             bool
	PageToken                     string // of list_skills() alone
}

// What a model is given, as load_skill_tool() makes it by default. To hand it on as it is, take tool::text.
type Tool struct {
	Name, Description string
	InputSchema       struct {
		Properties struct{ Name struct{ Enum []string } }
	} `json:"input_schema"`
}
