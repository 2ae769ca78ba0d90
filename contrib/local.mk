# What operators need beside the programs: units, samples, completions.

# Units name the programs by @bindir@, which only make knows in full.
EXTRA_DIST += contrib/systemd/README
EXTRA_DIST += contrib/systemd/needrestart.conf
EXTRA_DIST += contrib/systemd/rp-switchd.service.in
EXTRA_DIST += contrib/systemd/rp-switchd@.service.in
EXTRA_DIST += contrib/systemd/rp-switchd.service.d/kernel.conf
units_made = contrib/systemd/rp-switchd.service
units_made += contrib/systemd/rp-switchd@.service
$(units_made): %: %.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed 's|[@]bindir@|$(bindir)|g' $< >$@.new && mv $@.new $@
CLEANFILES += $(units_made)

if SYSTEMD_UNITS
nodist_systemdsystemunit_DATA = $(units_made)
dist_systemdsystemunit_DATA = contrib/systemd/rp-switchd.socket
sysusersdir = $(prefix)/lib/sysusers.d
dist_sysusers_DATA = contrib/systemd/sysusers.d/rp.conf
tmpfilesdir = $(prefix)/lib/tmpfiles.d
dist_tmpfiles_DATA = contrib/systemd/tmpfiles.d/rp.conf
endif

# Samples beside the files that they become, which are never touched, and with
# the documents. The first is made by `make docs`.
rpconfdir = $(sysconfdir)/rp
exampledir = $(docdir)/examples
samples = contrib/conf/rp-switchd.conf.sample
samples += contrib/conf/pushsend.conf.sample
dist_rpconf_DATA = $(samples)
dist_example_DATA = $(samples)
EXTRA_DIST += scripts/man2sample

# The hook of ACME clients. It is for no one's PATH.
hookdir = $(prefix)/lib/rp
dist_hook_SCRIPTS = contrib/acme/deploy

# The page, which rp-switchd serves from there, or any web server. One file per
# line; a folder of its own is a list of its own.
webdir = $(datadir)/rp/web
webiconsdir = $(webdir)/icons
webjsdir = $(webdir)/js
webwordsdir = $(webdir)/words
dist_web_DATA = contrib/web/index.html
dist_web_DATA += contrib/web/manifest.webmanifest
dist_web_DATA += contrib/web/style.css
dist_web_DATA += contrib/web/worker.js
dist_webicons_DATA = contrib/web/icons/icon-192.png
dist_webicons_DATA += contrib/web/icons/icon-512.png
dist_webicons_DATA += contrib/web/icons/icon.svg
dist_webjs_DATA = contrib/web/js/account.js
dist_webjs_DATA += contrib/web/js/again.js
dist_webjs_DATA += contrib/web/js/errands.js
dist_webjs_DATA += contrib/web/js/habits.js
dist_webjs_DATA += contrib/web/js/identity.js
dist_webjs_DATA += contrib/web/js/keys.js
dist_webjs_DATA += contrib/web/js/line.js
dist_webjs_DATA += contrib/web/js/media.js
dist_webjs_DATA += contrib/web/js/outage.js
dist_webjs_DATA += contrib/web/js/phone.js
dist_webjs_DATA += contrib/web/js/protocol.js
dist_webjs_DATA += contrib/web/js/push.js
dist_webjs_DATA += contrib/web/js/quality.js
dist_webjs_DATA += contrib/web/js/rings.js
dist_webjs_DATA += contrib/web/js/store.js
dist_webjs_DATA += contrib/web/js/subscription.js
dist_webjs_DATA += contrib/web/js/talk.js
dist_webjs_DATA += contrib/web/js/ui-alone.js
dist_webjs_DATA += contrib/web/js/ui-dom.js
dist_webjs_DATA += contrib/web/js/ui-link.js
dist_webjs_DATA += contrib/web/js/ui-push.js
dist_webjs_DATA += contrib/web/js/ui-ring.js
dist_webjs_DATA += contrib/web/js/ui-text.js
dist_webjs_DATA += contrib/web/js/ui.js
dist_webjs_DATA += contrib/web/js/verify.js
dist_webjs_DATA += contrib/web/js/view-call.js
dist_webjs_DATA += contrib/web/js/view-home.js
dist_webjs_DATA += contrib/web/js/view-join.js
dist_webjs_DATA += contrib/web/js/view-settings.js
dist_webjs_DATA += contrib/web/js/woken.js
dist_webjs_DATA += contrib/web/js/wordlist.js
dist_webjs_DATA += contrib/web/js/words.js
dist_webwords_DATA = contrib/web/words/de.json
dist_webwords_DATA += contrib/web/words/en.json
EXTRA_DIST += contrib/web/README

# One file under the name of each tool, as bash-completion(8) looks for them.
completionsdir = $(datadir)/bash-completion/completions
EXTRA_DIST += contrib/completion/rp.bash
install-data-hook:
	$(MKDIR_P) "$(DESTDIR)$(completionsdir)"
	for tool in $(notdir $(bin_PROGRAMS)); do \
		$(INSTALL_DATA) $(srcdir)/contrib/completion/rp.bash \
		    "$(DESTDIR)$(completionsdir)/$$tool" || exit 1; done
uninstall-hook:
	for tool in $(notdir $(bin_PROGRAMS)); do \
		rm -f "$(DESTDIR)$(completionsdir)/$$tool"; done
