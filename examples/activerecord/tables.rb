# The story through the tables. The tool and its answer are functions in any case.
require_relative 'story'

# A skill and its first version come in one transaction.
def create_skill(description, body, **columns)
  Skill.create!(**columns).tap { |skill| skill.versions.create!(description: description, body: body) }
end

id = alice do
  skill = create_skill(DESCRIPTION, TEXT1, name: 'refund')
  puts "created #{skill.name}: version #{SkillSummary.find(skill.skill_id).ai_version}, pinned by its author"
  skill.skill_id
end

puts 'hidden from bob while it is private' if bob { Skill.count }.zero?
alice { Skill.find(id).update!(accessibility: 'org') }

bob do
  subscription = SkillSubscription.create!(skill_id: id, ai_version: 1)
  puts "shared: bob subscribes and pins version #{subscription.ai_version}"
  puts "the tool offers bob: #{offered(Skill.find_by_sql('SELECT tool FROM skills.load_skill_tool()').first.tool)}"
  puts "loaded by bob: version #{subscription.pinned.version}, #{subscription.pinned.body}"
end

# The number is the database's, so it is asked for: nobody else adds one before the transaction ends.
second = alice do
  SkillVersion.create!(skill_id: id, description: DESCRIPTION, body: TEXT2)
  SkillVersion.where(skill_id: id).maximum(:version)
end

bob do
  subscription = SkillSubscription.find(id)
  puts "edited: version #{second}, bob still loads version #{subscription.pinned.version}"
  subscription.update!(ai_version: second)
  puts "bob pins version #{subscription.pinned.version}: #{subscription.pinned.body}"
end

alice do
  %w[archive billing travel].each { |name| create_skill("Use for #{name}.", 'Ask first.', name: name, accessibility: 'org') }
end

# Pages go on from the last row that was seen.
page = lambda do |name, skill_id|
  bob { SkillSummary.where('(name, skill_id) > (?, ?)', name, skill_id).order(:name, :skill_id).limit(2).to_a }
end
page1 = page.call('', '')
puts "page 1: #{names(page1)}"
puts "page 2: #{names(page.call(page1.last.name, page1.last.skill_id))}"

puts "not found: #{Skills.sqlstate { bob { SkillSubscription.find(id).update!(ai_version: 9) } }}"
puts "not allowed: #{Skills.sqlstate { bob { Skill.find(id).update!(name: 'repay') } }}"
puts "name taken: #{Skills.sqlstate { bob { Skill.create!(name: 'refund', accessibility: 'org') } }}"

# Read, changed by another session, written from the old copy.
copy = alice { SkillVersion.find_by(skill_id: id, version: second) }
edit = ->(body) { alice { SkillVersion.where(skill_id: id, version: second, revision: copy.revision).update_all(body: body) } }
edit.call("#{copy.body} Once.")
puts 'changed meanwhile: read it again' if edit.call(TEXT1).zero?

puts "no identity: #{Skills.sqlstate { Skill.create!(name: 'refund') }}"
puts "dave of globex sees #{Skills.as_user('dave', 'globex') { Skill.count }} skills"
