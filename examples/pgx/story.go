// The story, told by pgx: story tables | functions
package main

import (
	"context"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	description = "Use when a customer wants money back."
	text1       = "Up to 30 days after the order: pay it back."
	text2       = "Up to 60 days after the order: pay it back."
)

var ctx = context.Background()
var pool *pgxpool.Pool

type caller func(work func(tx pgx.Tx) error) error

func as(user, org string) caller {
	return func(work func(tx pgx.Tx) error) error { return asUser(ctx, pool, user, org, work) }
}

// A transaction of one statement.
func call[T any](who caller, statement string, values ...any) (rows []T, err error) {
	err = who(func(tx pgx.Tx) error {
		rows, err = collect[T](ctx, tx, statement, values...)
		return err
	})
	return rows, err
}

// A story has nobody to hand an unexpected error to.
func check(err error) {
	if err != nil {
		panic(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func one[T any](rows []T, err error) T { return must(rows, err)[0] }

func names(rows []SkillSummary) string {
	var list []string
	for _, row := range rows {
		list = append(list, row.Name)
	}
	return strings.Join(list, ", ")
}

func main() {
	pool = must(pgxpool.New(ctx, os.Getenv("DATABASE_URL")))
	defer pool.Close()
	map[string]func(alice, bob, dave caller){"tables": tables, "functions": functions}[os.Args[1]](
		as("alice", "acme"), as("bob", "acme"), as("dave", "globex"))
}
