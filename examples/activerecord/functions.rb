# The story through the functions. What they give is read into the models.
require_relative 'story'

def one(model, statement, *values)
  model.find_by_sql([statement, *values]).first
end

def create_skill(*values)
  one(Skill, "SELECT * FROM skills.create_skill(#{values.map { '?' }.join(', ')})", *values)
end

id = alice do
  skill = create_skill('refund', DESCRIPTION, TEXT1)
  puts "created #{skill.name}: version #{one(SkillVersion, 'SELECT * FROM skills.ai_registry()').version}, pinned by its author"
  skill.skill_id
end

list = ->(after) { SkillSummary.find_by_sql(['SELECT * FROM skills.list_skills(max_rows => 2, after => ?)', after]) }
puts 'hidden from bob while it is private' if bob { list.call(nil) }.empty?
alice { one(Skill, "SELECT * FROM skills.update_skill(?, accessibility => 'org')", id) }

pin = ->(version) { one(SkillSubscription, 'SELECT * FROM skills.set_ai_version(?, ?)', id, version) }
load_skill = -> { one(SkillVersion, 'SELECT * FROM skills.load_skill(?)', 'refund') }
bob do
  puts "shared: bob subscribes and pins version #{pin.call(1).ai_version}"
  puts "the tool offers bob: #{offered(one(Skill, 'SELECT tool FROM skills.load_skill_tool()').tool)}"
  puts "loaded by bob: version #{load_skill.call.version}, #{load_skill.call.body}"
end

second = alice { one(SkillVersion, 'SELECT * FROM skills.create_version(?, ?, ?)', id, DESCRIPTION, TEXT2).version }
puts "edited: version #{second}, bob still loads version #{bob { load_skill.call.version }}"
bob do
  pin.call(second)
  puts "bob pins version #{load_skill.call.version}: #{load_skill.call.body}"
end

alice { %w[archive billing travel].each { |name| create_skill(name, "Use for #{name}.", 'Ask first.', 'org') } }

# Pages go on from the last row that was seen.
page1 = bob { list.call(nil) }
puts "page 1: #{names(page1)}"
puts "page 2: #{names(bob { list.call(page1.last.page_token) })}"

puts "not found: #{Skills.sqlstate { bob { pin.call(9) } }}"
puts "not allowed: #{Skills.sqlstate { bob { one(Skill, "SELECT * FROM skills.update_skill(?, name => 'repay')", id) } }}"
puts "name taken: #{Skills.sqlstate { bob { create_skill('refund', 'Mine.', 'Never.', 'org') } }}"

# Read, changed by another session, written from the old copy.
edit = lambda do |body, revision|
  alice { one(SkillVersion, 'SELECT * FROM skills.update_version(?, ?, body => ?, expected_revision => ?)', id, second, body, revision) }
end
copy = alice { one(SkillVersion, 'SELECT * FROM skills.get_version(?, ?)', id, second) }
edit.call("#{copy.body} Once.", copy.revision)
puts 'changed meanwhile: read it again' if Skills.sqlstate { edit.call(TEXT1, copy.revision) } == '55000'

puts "no identity: #{Skills.sqlstate { create_skill('refund', "Nobody's.", 'Never.') }}"
puts "dave of globex sees #{Skills.as_user('dave', 'globex') { list.call(nil).size }} skills"
