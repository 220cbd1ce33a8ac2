# Completion of radon for fish.
if not type -q radon
    function radon --description 'Signed atoms on boards and on the bridge'
        npx --no-install radon $argv
    end
end

function __radon_launcher
    set -l folder $PWD
    while test -n "$folder"
        if test -x "$folder/node_modules/.bin/radon"
            echo "$folder/node_modules/.bin/radon"
            return
        end
        set folder (string replace -r '/[^/]*$' '' -- $folder)
    end
    return 1
end

function __radon_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    while set -q words[1]; and not string match -qr '(^|/)radon$' -- $words[1]
        set -e words[1]
    end
    set -l launcher (__radon_launcher); or return
    for line in ($launcher completion fish --complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end

complete -c radon -f -a '(__radon_complete)'
complete -c npx -n 'contains -- radon (commandline -opc)' -f -a '(__radon_complete)'
