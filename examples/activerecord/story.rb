# What both ways share.
require_relative 'models'
require_relative 'skills'

DESCRIPTION = 'Use when a customer wants money back.'.freeze
TEXT1 = 'Up to 30 days after the order: pay it back.'.freeze
TEXT2 = 'Up to 60 days after the order: pay it back.'.freeze

ActiveRecord::Base.establish_connection(ENV.fetch('DATABASE_URL'))

def alice(&work)
  Skills.as_user('alice', 'acme', &work)
end

def bob(&work)
  Skills.as_user('bob', 'acme', &work)
end

def offered(tool)
  tool.dig('input_schema', 'properties', 'name', 'enum').join(', ')
end

def names(page)
  page.map(&:name).join(', ')
end
