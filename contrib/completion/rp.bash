# bash completion for the tools of rp. All that it knows is in each tool's
# --help: options, what they take, formats and commands.

# _rp_after_option HELP OPTION: what the option takes, such as FILE; or nothing.
_rp_after_option()
{
    command sed -nE \
        "s/.*(^|[][ {|])$2(, --[a-z-]+)? ([A-Z]+)(\$|[^A-Za-z].*)/\3/p" \
        <<<"$1" | command head -n 1
}

# _rp_options HELP: every option, where none of their letters stands before.
_rp_options()
{
    command grep -oE '(^|[][ {|])(--[a-z][a-z-]+|-[a-z]\b)' <<<"$1" |
        command tr -d '][ {|' | command sort -u
}

# _rp_formats HELP: the words behind --format FORMAT, each before a comma or at
# the end of its line.
_rp_formats()
{
    command sed -n '/^  --format FORMAT/,/^  --/ { /^  --f/p; /^  --/!p }' \
        <<<"$1" | command grep -oE '[a-z0-9-]+(,|$)' | command tr -d ,
}

# _rp_commands HELP: the commands, if the tool has any.
_rp_commands()
{
    command sed -nE 's/^  ([a-z][a-z-]*) .*/\1/p' <<<"$1"
}

_rp()
{
    local cur prev words cword split text commands
    _init_completion -s || return
    text=$("$1" --help 2>/dev/null) || return
    commands=$(_rp_commands "$text")

    case $prev in
        -*)
            case $(_rp_after_option "$text" "$prev") in
                FILE | PATH)
                    _filedir
                    return
                    ;;
                DIR)
                    _filedir -d
                    return
                    ;;
                CMD)
                    COMPREPLY=($(compgen -c -- "$cur"))
                    return
                    ;;
                FORMAT)
                    COMPREPLY=($(compgen -W "$(_rp_formats "$text")" \
                        -- "$cur"))
                    return
                    ;;
                ?*) return ;;
            esac
            ;;
        export | import)
            [[ $commands ]] && _filedir
            ;;
    esac
    $split && return

    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(_rp_options "$text")" -- "$cur"))
    elif [[ $commands && " $(command tr '\n' ' ' <<<"$commands")" != \
        *" $prev "* ]]; then
        COMPREPLY+=($(compgen -W "$commands" -- "$cur"))
    fi
} &&
    complete -F _rp rp-dial rp-drain rp-pushsend rp-regionprobe rp-switchd \
        rp-users
