# The extension's tables and the view. Columns, types and defaults are read from the database.
require 'active_record'

module Stored
  # What the database alone writes.
  STAMPS = %w[author created created_by modified modified_by size sha256 subscribed].freeze

  def self.included(model)
    model.attr_readonly(*STAMPS)
    model.locking_column = 'revision'
  end
end

# An id is of one org only, and the key's other column is the caller's org.
class Skill < ActiveRecord::Base
  include Stored
  self.table_name = 'skills.skill'
  self.primary_key = 'skill_id'
  has_many :versions, class_name: 'SkillVersion', foreign_key: 'skill_id', inverse_of: false
end

# ActiveRecord 6.1 has keys of one column. Without one, rows are inserted and
# read as ever; they are changed through where(…).update_all.
class SkillVersion < ActiveRecord::Base
  include Stored
  self.table_name = 'skills.skill_version'
  self.primary_key = nil
end

# Of a skill, a caller sees no subscription but their own.
class SkillSubscription < ActiveRecord::Base
  include Stored
  self.table_name = 'skills.skill_subscription'
  self.primary_key = 'skill_id'

  def pinned
    SkillVersion.find_by(skill_id: skill_id, version: ai_version)
  end
end

class SkillFile < ActiveRecord::Base
  include Stored
  self.table_name = 'skills.skill_file'
  self.primary_key = nil
end

class SkillSummary < ActiveRecord::Base
  self.table_name = 'skills.skill_summary'
  self.primary_key = 'skill_id'

  def readonly?
    true
  end
end
