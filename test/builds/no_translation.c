/*
 * no_translation.c
 *		Stands behind libasan in a server that translates messages.
 *
 * libasan intercepts these before it is ready, and never comes back. Messages
 * remain as they are written.
 */
extern char *textdomain(const char *domain);
extern char *bindtextdomain(const char *domain, const char *folder);
extern char *bind_textdomain_codeset(const char *domain, const char *codeset);

char *
textdomain(const char *domain)
{
	return (char *) domain;
}

char *
bindtextdomain(const char *domain, const char *folder)
{
	(void) domain;
	return (char *) folder;
}

char *
bind_textdomain_codeset(const char *domain, const char *codeset)
{
	(void) domain;
	return (char *) codeset;
}
