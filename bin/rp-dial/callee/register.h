/*
 * register: become a subscriber. It requests a code for the number, asks the
 * user for it, gives the switch a token of our own for this device, and writes
 * the account file.
 */
#ifndef RP_DIAL_REGISTER_H
#define RP_DIAL_REGISTER_H

struct dial_context;

/*
 * Register. context->account is a draft (account_draft), options->number the
 * number. The code is read from standard input. Return the exit status.
 */
int register_run(const struct dial_context *context);

#endif
