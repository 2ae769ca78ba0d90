/*
 * register: become a subscriber: have a code sent to the number, ask the person
 * for it, give the switch a token of our own for this device, and write the
 * account file.
 */
#ifndef RP_DIAL_REGISTER_H
#define RP_DIAL_REGISTER_H

struct dial_context;

/*
 * context->account is a draft (account_draft), options->number the number. The
 * code is read from standard input. The exit status.
 */
int register_run(const struct dial_context *context);

#endif
