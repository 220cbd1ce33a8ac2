# Completion of radon for zsh.
if ! type radon >/dev/null 2>&1; then
  function radon { npx --no-install radon "$@" }
fi

_radon_launcher() {
  local folder=$PWD
  while [[ -n $folder ]]; do
    if [[ -x $folder/node_modules/.bin/radon ]]; then
      print -r -- $folder/node_modules/.bin/radon
      return
    fi
    folder=${folder%/*}
  done
  return 1
}

_radon() {
  local launcher line word
  local -a asked plain open
  integer first=${words[(i)(*/|)radon]} files=0
  launcher=$(_radon_launcher) || return 1
  asked=("${(@)words[first + 1, CURRENT]}")
  for line in "${(@f)$("$launcher" completion zsh --complete -- "${(@)asked}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then files=1; continue; fi
    [[ -n $line ]] || continue
    word=${line%%$'\t'*}
    line=${word//:/\\:}${${line#$word}/$'\t'/:}
    case $word in (*/|*=) open+=($line) ;; (*) plain+=($line) ;; esac
  done
  (( ${#plain} )) && _describe radon plain
  (( ${#open} )) && _describe radon open -S ''
  (( files )) && _files
}

_radon_npx() {
  if (( ${words[(I)radon]} )); then _radon; else _default; fi
}

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _radon radon
(( ${+_comps[npx]} )) || compdef _radon_npx npx
