#!/bin/sh
# Two pages call each other across the makes: Chromium calls Firefox, and Firefox
# calls Chromium. The callee's page is woken, rings and answers, both hear each
# other, and both show the same four words. Once they have compared these, the next
# call knows them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/signal.sh"
. "$(dirname "$0")/web.sh"
. "$(dirname "$0")/pagecall.sh"
web_need "$0" "$@"
web_needs chromium firefox
phone_open_tls
speech chromium "The quick brown fox jumps."
speech firefox "Zwei Leute reden jetzt." de
phone chromium chromium alice
phone firefox firefox bob
check "chromium is woken from now on" phone_wakes chromium chromium
check "and firefox" phone_wakes firefox firefox

# page_calls CALLER CALLEE NUMBER
page_calls() {
	check "$1 calls $2" dials "$1" "$3"
	check "$2 rings" web_in "$2" incoming
	web_in "$1" ringing || fail "$1 knows that"
	check "$2 answers" web "$2" click answer
	check "$1 talks" web_in "$1" talking
	check "and so does $2" web_in "$2" talking
	both_hear "$1" "$2" "$1 calls $2"
}

page_calls chromium firefox bob
words=$(words_of chromium)
like "$words" '^([A-Za-z]+ ){3}[A-Za-z]+$' "there are four words"
is "$(words_of firefox)" "$words" "which are the same at both ends"
check "chromium's user finds them so" web chromium click confirm-words
check "and firefox's" web firefox click confirm-words
check "chromium hangs up" web chromium click hang-up
check "it is over for firefox" web_in firefox over
is "$(web firefox eval "phone.call.reason")" hung-up "as what it was"
web chromium click done && web firefox click done || fail "they are done"

page_calls firefox chromium alice
is "$(web firefox eval "phone.call.identity.state")" same \
    "firefox knows chromium again"
is "$(web chromium eval "phone.call.identity.state")" same \
    "and chromium firefox"
is "$(web firefox until "phone.call.wordsState !== 'none' &&
    phone.call.wordsState")" known "the words were compared"
check "firefox hangs up" web firefox click hang-up
check "it is over for chromium" web_in chromium over
is "$(history_of chromium)" "bob in hung-up
bob out hung-up" "its history has both"
finish
