#!/bin/sh
# Runs test programs (arguments), shows their lines and adds them up. A program that dies counts as one failure.
passed=0
failed=0
for program in "$@"; do
    output=$("$program" 2>&1)
    status=$?
    printf '%s\n' "$output"
    ok=$(printf '%s\n' "$output" | grep -c '^ok ')
    not_ok=$(printf '%s\n' "$output" | grep -c '^not ok ')
    if [ "$status" -ne 0 ] && [ "$not_ok" -eq 0 ]; then
        echo "not ok ${program##*/} ended with status $status"
        not_ok=1
    fi
    passed=$((passed + ok))
    failed=$((failed + not_ok))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
