# What check runs: the app's migration, and the dumps that Rails would keep.
require 'active_record'

ActiveRecord::Base.establish_connection(ENV.fetch('ADMIN_URL'))

class CreateConversations < ActiveRecord::Migration[6.1]
  def change
    create_table(:conversations) do |table|
      table.text :org_id, null: false
      table.text :about, null: false
    end
    reversible do |way|
      way.up { execute 'ALTER TABLE conversations ADD FOREIGN KEY (org_id, about) REFERENCES skills.skill ON DELETE CASCADE' }
    end
  end
end

case ARGV.first
when 'up', 'down' then CreateConversations.new.migrate(ARGV.first.to_sym)
when 'schema.rb' then ActiveRecord::SchemaDumper.dump
when 'structure.sql'
  ActiveRecord::Tasks::DatabaseTasks.structure_dump(ActiveRecord::Base.connection_db_config.configuration_hash, ARGV.last)
end
