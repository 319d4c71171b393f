package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What an app copies: who is asking, and which error it was.

// asUser runs work in a transaction that speaks for the user. All its
// statements go through tx: the pool's own methods take any connection.
func asUser(ctx context.Context, pool *pgxpool.Pool, user, org string, work func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT skills.set_identity($1, $2)", user, org); err != nil {
			return err
		}
		return work(tx)
	})
}

// collect reads all rows that a statement returns. Query's own error comes with them.
func collect[T any](ctx context.Context, tx pgx.Tx, statement string, values ...any) ([]T, error) {
	rows, _ := tx.Query(ctx, statement, values...)
	return pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
}

// sqlstate is the code of what the database answered, empty for any other error.
func sqlstate(err error) string {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}
