// The story, told by GORM: story tables | functions. And what check runs.
package main

import (
	"os"
	"strings"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

const (
	description = "Use when a customer wants money back."
	text1       = "Up to 30 days after the order: pay it back."
	text2       = "Up to 60 days after the order: pay it back."
	// The names that the tool's definition offers, taken apart by the database.
	offered = `SELECT string_agg(name, ', ')
		FROM skills.load_skill_tool(), json_array_elements_text(tool #> '{input_schema,properties,name,enum}') AS name`
)

type caller func(work func(tx *gorm.DB) error) error

func as(db *gorm.DB, user string, org string) caller {
	return func(work func(tx *gorm.DB) error) error { return asUser(db, user, org, work) }
}

// A story has nobody to hand an unexpected error to.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

// A transaction of one statement.
func call[T any](who caller, statement string, values ...any) (found T, err error) {
	err = who(func(tx *gorm.DB) error { return tx.Raw(statement, values...).Scan(&found).Error })
	return found, err
}

func must[T any](found T, err error) T {
	check(err)
	return found
}

func names(page []SkillSummary) string {
	var list []string
	for _, row := range page {
		list = append(list, row.Name)
	}
	return strings.Join(list, ", ")
}

func main() {
	db, err := gorm.Open(postgres.Open(os.Getenv("DATABASE_URL")), &gorm.Config{Logger: logger.Discard})
	check(err)
	alice, bob, dave := as(db, "alice", "acme"), as(db, "bob", "acme"), as(db, "dave", "globex")
	switch os.Args[1] {
	case "tables":
		tables(alice, bob, dave, db)
	case "functions":
		functions(alice, bob, dave, db)
	case "migrate":
		check(migrate(os.Getenv("ADMIN_URL"), false))
	case "migrate-related":
		check(migrate(os.Getenv("SCRATCH_URL"), true))
	}
}
