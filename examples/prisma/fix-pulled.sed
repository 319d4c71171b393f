# What `prisma db pull` gets wrong about the extension: INCLUDE columns are not part of a key.
s/@@id(\[org_id, skill_id, name\])/@@id([org_id, skill_id])/
s/@@id(\[org_id, user_id, skill_id, ai_version\])/@@id([org_id, user_id, skill_id])/
/^  @@ignore$/d
s/ @ignore$//
# In no order that lasts.
s/\["partialIndexes", "views"\]/["views", "partialIndexes"]/
# Comments that say what Prisma does not know: row security, checks, comments.
/^\/\/\/ /d
