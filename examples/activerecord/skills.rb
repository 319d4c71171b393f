# What an app copies: who is asking, and which error it was.
require 'active_record'

module Skills
  # A transaction that speaks for the user. Within another it would go on as that user, so that is refused.
  def self.as_user(user, org)
    raise ArgumentError, 'a transaction is open already' if ActiveRecord::Base.connection.transaction_open?

    ActiveRecord::Base.transaction do
      ActiveRecord::Base.connection.exec_query('SELECT skills.set_identity($1, $2)', 'Identity', [user, org])
      yield
    end
  end

  # The SQLSTATE that the database answered with: it is in the error's cause. Any other error goes on.
  def self.sqlstate
    yield
    'no error'
  rescue ActiveRecord::StatementInvalid => error
    raise unless error.cause.is_a?(PG::Error) && error.cause.result

    error.cause.result.error_field(PG::Result::PG_DIAG_SQLSTATE)
  end
end
