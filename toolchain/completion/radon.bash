# Completion of radon for bash.
if ! type radon >/dev/null 2>&1; then
  function radon { npx --no-install radon "$@"; }
fi

_radon_launcher() {
  local folder=$PWD
  while [ -n "$folder" ]; do
    if [ -x "$folder/node_modules/.bin/radon" ]; then
      printf '%s\n' "$folder/node_modules/.bin/radon"
      return
    fi
    folder=${folder%/*}
  done
  return 1
}

_radon() {
  local line=${COMP_LINE:0:COMP_POINT} words launcher word current known
  read -ra words <<< "$line"
  case $line in *[[:space:]]) words+=('') ;; esac
  while [ ${#words[@]} -gt 0 ] && [ "${words[0]##*/}" != radon ]; do words=("${words[@]:1}"); done
  [ ${#words[@]} -gt 1 ] && launcher=$(_radon_launcher) || return
  current=${words[${#words[@]}-1]}
  known=${current%"${current##*[=:]}"}
  while IFS=$'\t' read -r word _; do
    if [ "$word" = :files ]; then
      compopt -o filenames 2>/dev/null
      while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${current#"$known"}")
    else
      case $word in */ | *=) compopt -o nospace 2>/dev/null ;; esac
      COMPREPLY+=("${word#"$known"}")
    fi
  done < <("$launcher" completion bash --complete -- "${words[@]:1}" 2>/dev/null)
}

_radon_npx() {
  case " $COMP_LINE " in *" radon "*) _radon ;; *) compopt -o default 2>/dev/null ;; esac
}

complete -F _radon radon
complete -p npx >/dev/null 2>&1 || complete -F _radon_npx npx
