package main

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// What an app copies: who is asking, and which error it was.

// asUser runs work in a transaction that speaks for the user. All its
// statements go through tx: those of db take any connection.
func asUser(db *gorm.DB, user, org string, work func(tx *gorm.DB) error) error {
	return db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("SELECT skills.set_identity(?, ?)", user, org).Error; err != nil {
			return err
		}
		return work(tx)
	})
}

// sqlstate is the code of what the database answered, empty for any other error.
func sqlstate(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}
