/// A shell's script that asks the program itself for what may stand at the cursor, so that it is never older than that.
///
/// The program is called as `distill __complete WORD…`, the last word being the one under the cursor. It answers with one
/// candidate a line, a tab before its note, and with lines `:files` and `:directories` where the shell's own paths belong.
package enum CompletionScript: String, CaseIterable, Sendable {
    case bash, zsh, fish

    package var text: String {
        switch self {
        case .bash: Self.bashText
        case .zsh: Self.zshText
        case .fish: Self.fishText
        }
    }

    /// Where a package puts it, below the root directory.
    package var path: String {
        switch self {
        case .bash: "usr/share/bash-completion/completions/distill"
        case .zsh: "usr/share/zsh/vendor-completions/_distill"
        case .fish: "usr/share/fish/vendor_completions.d/distill.fish"
        }
    }

    private static let bashText = #"""
        # bash completion for distill
        _distill() {
            local rest=${COMP_LINE:0:COMP_POINT} word trimmed i line
            local -a words=()
            # The words as they stand on the line: '=' and ':' end none.
            for ((i = 0; i <= COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                trimmed=${rest#"${rest%%[![:space:]]*}"}
                ((i == COMP_CWORD)) && word=$trimmed
                if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
                    words+=("$word")
                else
                    words[${#words[@]} - 1]+=$word
                fi
                rest=${trimmed#"$word"}
            done
            local current=${words[${#words[@]} - 1]} kept=
            # What stands before the last break is the shell's already.
            [[ $current == *[=:]* && $COMP_WORDBREAKS == *[=:]* ]] && kept=${current%"${current##*[=:]}"}
            COMPREPLY=()
            while IFS= read -r line; do
                case $line in
                    :files) compopt -o filenames 2>/dev/null
                        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${current#"$kept"}") ;;
                    :directories) compopt -o filenames 2>/dev/null
                        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "${current#"$kept"}") ;;
                    *) word=${line%%$'\t'*}
                        COMPREPLY+=("${word#"$kept"}")
                        [[ $word == *= ]] && compopt -o nospace 2>/dev/null ;;
                esac
            done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
        }
        complete -F _distill distill

        """#

    private static let zshText = #"""
        #compdef distill
        # zsh completion for distill
        _distill() {
            local line word
            local -a plain open described
            local files= directories=
            for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                case $line in
                    '') ;;
                    :files) files=1 ;;
                    :directories) directories=1 ;;
                    *$'\t'*) word=${line%%$'\t'*}
                        described+=("${word//:/\\:}:${line#*$'\t'}") ;;
                    *=) open+=("$line") ;;
                    *) plain+=("$line") ;;
                esac
            done
            # A value follows, without a blank.
            (( $#open )) && compadd -S '' -- $open
            (( $#described )) && _describe -t words 'distill' described
            (( $#plain )) && compadd -- $plain
            [[ -n $files$directories && $PREFIX == --*=* ]] && compset -P '*='
            [[ -n $files ]] && _files
            [[ -n $directories ]] && _files -/
            return 0
        }
        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
            _distill "$@"
        else
            compdef _distill distill
        fi

        """#

    private static let fishText = #"""
        # fish completion for distill
        function __distill_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
                switch $line
                    case :files
                        __fish_complete_path "$current"
                    case :directories
                        __fish_complete_directories "$current"
                    case '*'
                        echo -- $line
                end
            end
        end
        complete -c distill -f -a '(__distill_complete)'

        """#
}
